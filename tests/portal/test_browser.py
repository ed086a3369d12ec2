"""Small things in a real browser: filters by keys, dangerous buttons, local times."""

from collections.abc import Iterator

import browsing
import pytest

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[object]:
    with browsing.chromium() as browser:
        yield browser


def test_a_plan_is_filtered_by_keys_and_the_address_follows(chromium, served):
    context = chromium.new_context()
    page = context.new_page()
    _sign_in(page, served)
    page.goto(f"{served.url}/plans/{served.held}")
    page.wait_for_selector("tr[data-open]")
    everything = page.locator("tr[data-open]").count()
    page.locator("body").press("/")
    page.keyboard.type("Lee12")
    page.wait_for_url("**text=Lee12**")
    page.wait_for_function(f"document.querySelectorAll('tr[data-open]').length < {everything}")
    page.locator("h1").click()
    page.keyboard.press("j")
    assert page.locator("tr[aria-selected=true]").count() == 1
    page.reload()
    assert page.input_value("[name=text]") == "Lee12"
    context.close()


def test_a_dangerous_button_wakes_only_when_the_name_was_typed(chromium, served):
    context = chromium.new_context()
    page = context.new_page()
    _sign_in(page, served)
    page.goto(f"{served.url}/plans/{served.ready}")
    page.click("button[data-dialog=discard]")
    assert page.locator("#discard").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#discard").is_visible()
    context.close()


def test_times_are_local_with_utc_on_hover(chromium, served):
    context = chromium.new_context(timezone_id="Asia/Tokyo", locale="en-GB")
    page = context.new_page()
    _sign_in(page, served)
    page.goto(f"{served.url}/runs")
    time = page.locator("td time").first
    assert time.get_attribute("title").endswith("UTC")
    assert time.text_content() != time.get_attribute("title")
    context.close()


def _sign_in(page, served):
    cookies = [{"name": name, "value": value, "url": served.url} for name, value in served.cookies["anna"].items()]
    page.context.add_cookies(cookies)
