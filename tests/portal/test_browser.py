"""The pages in a real browser, in both modes and two widths: accessible, silent, and asking no other host."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from portal_pages import PAGES

pytestmark = pytest.mark.browser
_ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
              "--disable-component-update", "--disable-sync")  # fmt: skip
_AXE = Path(__file__).with_name("axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def chromium() -> Iterator[object]:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where there is a browser

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(_ARGUMENTS))
        yield browser
        browser.close()


@pytest.mark.parametrize(("mode", "width"), [("light", 1280), ("dark", 1920)])
def test_pages_are_accessible_silent_and_alone(chromium, served, mode, width):
    said, asked = [], set()
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=mode, bypass_csp=True)
    page = context.new_page()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.add(urlsplit(request.url).netloc))
    _sign_in(page, served)
    wrong = []
    for path in PAGES:
        page.goto(served.url + path.format(ready=served.ready, held=served.held))
        page.wait_for_function("!document.querySelector('[hx-trigger=load] > p.quiet')")
        page.evaluate(_AXE)
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
        wrong += [f"{path}: {v['id']}: {v['nodes'][0]['html']}" for v in found]
    context.close()
    assert not wrong, "\n".join(wrong)
    assert said == []
    assert asked == {urlsplit(served.url).netloc}


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
