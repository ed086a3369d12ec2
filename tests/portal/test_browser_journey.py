"""The main ways through the portal with a real browser, server and workers: from a new system to an undo."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from browsing import Visitor, chromium, visiting, working_portal

from worlds import HR_COLUMNS

pytestmark = pytest.mark.browser
_MANY = 600_000


@pytest.fixture(scope="module", params=[pytest.param(60), pytest.param(100_000, marks=pytest.mark.slow)])
def journey(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Visitor, Path]]:
    folder = tmp_path_factory.mktemp("journey")
    with (
        working_portal(folder, request.param) as url,
        chromium() as browser,
        visiting(browser, url) as visitor,
    ):
        visitor.wait_ms = 60_000 if request.param < 1_000 else 1_200_000
        visitor.page.set_default_timeout(visitor.wait_ms)
        visitor.sign_in()
        yield visitor, folder / "data"
        assert visitor.said == []
        assert visitor.asked == {urlsplit(url).netloc}


def test_everybody_is_read_decided_held_released_explained_and_taken_back(journey):
    visitor, data = journey
    _run_the_cycle(visitor)
    _connect_a_system(visitor, data)
    _change_a_rule(visitor)
    _cancel_a_run(visitor, data)
    _hold_release_apply_and_undo(visitor, data)


def _run_the_cycle(visitor: Visitor) -> None:
    visitor.go("/jobs")
    visitor.press("Run the whole cycle")
    assert "done" in visitor.wait_until_over()
    visitor.go("/")
    assert "identities" in visitor.page.locator(".strip").first.text_content()
    assert visitor.page.locator("#failed").is_visible()


def _connect_a_system(visitor: Visitor, data: Path) -> None:
    (data / "data" / "badges.csv").write_text("badge,owner\nB1,E001\nB2,E002\n", encoding="utf-8")
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


def _cancel_a_run(visitor: Visitor, data: Path) -> None:
    with (data / "data" / "badges.csv").open("w", encoding="utf-8") as file:
        file.write("badge,owner\n")
        file.writelines(f"B{n},E{n}\n" for n in range(_MANY))
    visitor.go("/systems/Badges")
    visitor.page.get_by_role("button", name="Run Full Import of Badges").click()
    visitor.page.wait_for_selector("#live .chip.running")
    visitor.decide("Cancel …", "Cancel the run", reason="not today")
    assert visitor.wait_until_over() == "cancelled"


def _hold_release_apply_and_undo(visitor: Visitor, data: Path) -> None:
    page = visitor.page
    file = data / "data" / "hr.csv"
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
    plan = page.url.rpartition("/")[2]
    page.wait_for_selector("text=Held by the guard: nothing was written")
    visitor.decide("Release …", "Release", reason="they left indeed", typed=plan)
    page.wait_for_selector("text=Released by anna: they left indeed")
    visitor.decide("Apply …", "Apply", typed=plan)
    assert visitor.wait_until_over() == "done"
    applied = page.url
    visitor.go("/identities?text=E001")
    page.locator("tbody a").first.click()
    page.wait_for_selector("text=Why these values")
    page.wait_for_selector("text=So it lives on")
    page.goto(applied)
    visitor.decide("Undo …", "Plan the undo", reason="too soon")
    assert "done" in visitor.wait_until_over()
    page.get_by_role("link", name=re.compile("^Plan P")).click()
    page.wait_for_selector("#change-list tr[data-open]")
