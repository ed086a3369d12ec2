"""The main ways through the portal with a real browser, server and workers: from a new system to an undo."""

import csv
import re
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from browsing import Visitor, chromium, visiting, working_portal

from accord.portal.sessions import POLICY
from worlds import HR_COLUMNS

pytestmark = pytest.mark.browser
_MANY = 600_000


@pytest.fixture(scope="module", params=[pytest.param(60), pytest.param(100_000, marks=pytest.mark.slow)])
def journey(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    folder = tmp_path_factory.mktemp("journey")
    with (
        working_portal(folder, request.param) as url,
        chromium() as browser,
        visiting(browser, url) as visitor,
    ):
        visitor.wait_ms = 60_000 if request.param < 1_000 else 1_200_000
        visitor.page.set_default_timeout(visitor.wait_ms)
        visitor.sign_in()
        visitor.data = folder / "data"
        yield visitor
        assert visitor.said == []
        assert visitor.asked == {urlsplit(url).netloc}
        assert visitor.policies == {POLICY}


def test_everybody_is_read_decided_held_released_explained_and_taken_back(journey):
    took = {}
    for step in (_run_the_cycle, _connect_a_system, _change_a_rule, _cancel_a_run, _hold, _release_and_apply, _explain,
                 _undo):  # fmt: skip
        began = time.perf_counter()
        step(journey)
        took[step.__name__] = round(time.perf_counter() - began, 1)
    print(took)  # noqa: T201 - `pytest -s` tells how long each step took


def _run_the_cycle(visitor: Visitor) -> None:
    visitor.go("/jobs")
    visitor.press("Run the whole cycle")
    assert "done" in visitor.wait_until_over()
    visitor.go("/")
    assert "identities" in visitor.page.locator(".strip").first.text_content()
    assert visitor.page.locator("#failed").is_visible()


def _connect_a_system(visitor: Visitor) -> None:
    (visitor.data / "data" / "badges.csv").write_text("badge,owner\nB1,E001\nB2,E002\n", encoding="utf-8")
    page = visitor.page
    visitor.go("/systems")
    page.click("text=Connect a system")
    page.fill("[name=name]", "Badges")
    page.get_by_label(re.compile("CSV|File", re.IGNORECASE)).first.check()
    visitor.press("Next: settings")
    page.get_by_label(re.compile("file|path", re.IGNORECASE)).first.fill("data/badges.csv")
    visitor.press("Keep settings")
    visitor.press("Test the connection")
    page.wait_for_selector("text=Badges answers")
    visitor.press("Ask what it offers")
    page.get_by_label("badge identifies the object").check()
    visitor.press("Read what is ticked")
    visitor.go("/systems/Badges")
    page.get_by_role("button", name="Run Full Import of Badges").click()
    assert visitor.wait_until_over() == "done"
    assert "Badges" in page.locator("main").text_content()


def _change_a_rule(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("/rules/hr-person")
    text = page.input_value("textarea")
    page.fill("textarea", text.replace("last: last", "last: uper(last)"))
    page.locator("textarea").press("End")
    page.wait_for_selector("#mistakes pre:has-text('^')")
    page.fill("textarea", text.replace("last: last", "last: upper(last)"))
    page.wait_for_selector("#mistakes .good")
    visitor.press("Preview on everybody")
    page.wait_for_url(re.compile("/plans/P"))
    page.wait_for_selector("#change-list ins")
    visitor.go("/rules/hr-person")
    page.fill("textarea", text + "# looked at\n")
    page.fill("[name=reason]", "a note")
    visitor.press("Save")
    page.wait_for_selector("h1:has-text('hr-person')")
    visitor.go("/configuration")
    assert "hr-person" in page.locator("tbody tr").first.text_content()


def _cancel_a_run(visitor: Visitor) -> None:
    with (visitor.data / "data" / "badges.csv").open("w", encoding="utf-8") as file:
        file.write("badge,owner\n")
        file.writelines(f"B{n},E{n}\n" for n in range(_MANY))
    visitor.go("/systems/Badges")
    visitor.page.get_by_role("button", name="Run Full Import of Badges").click()
    visitor.page.wait_for_selector("#live .chip.running")
    visitor.decide("Cancel …", "Cancel the run", reason="not today")
    assert visitor.wait_until_over() == "cancelled"


def _hold(visitor: Visitor) -> None:
    page = visitor.page
    file = visitor.data / "data" / "hr.csv"
    with file.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, HR_COLUMNS)
        writer.writeheader()
        writer.writerows(rows[: len(rows) // 4])
    visitor.go("/systems/hr")
    page.get_by_role("button", name="Run Full Import of hr").click()
    assert visitor.wait_until_over() == "done"
    page.get_by_role("link", name="hr").first.click()
    page.get_by_role("button", name="Run Full Synchronisation of hr").click()
    assert visitor.wait_until_over() == "held"
    page.get_by_role("link", name=re.compile("^Plan P")).click()
    page.wait_for_selector("text=Held by the guard: nothing was written")
    page.wait_for_selector("#change-list tr[data-open]")


def _release_and_apply(visitor: Visitor) -> None:
    page = visitor.page
    plan = page.url.rpartition("/")[2]
    visitor.decide("Release …", "Release", reason="they left indeed", typed=plan)
    page.wait_for_selector("text=Released by anna: they left indeed")
    visitor.decide("Apply …", "Apply", typed=plan)
    assert visitor.wait_until_over() == "done"


def _explain(visitor: Visitor) -> None:
    page = visitor.page
    applied = page.url
    visitor.go("/identities?text=E001")
    page.locator("tbody a").first.click()
    page.wait_for_selector("text=Why these values")
    work_out = page.get_by_role("button", name="Work it out")
    page.locator("text=So it lives on").or_(work_out).first.wait_for()
    if work_out.is_visible():
        work_out.click()
    page.wait_for_selector("text=So it lives on")
    page.goto(applied)


def _undo(visitor: Visitor) -> None:
    page = visitor.page
    visitor.decide("Undo …", "Plan the undo", reason="too soon")
    assert "done" in visitor.wait_until_over()
    page.get_by_role("link", name=re.compile("^Plan P")).click()
    page.wait_for_selector("#change-list tr[data-open]")
