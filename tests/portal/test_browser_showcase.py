"""Every page with something on it, in a real browser, in both modes and two widths; and the pictures of the documents.

`ACCORD_PICTURES=docs/images pytest tests/portal/test_browser_showcase.py` writes the pictures anew.
"""

import os
import shutil
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from addresses import PAGES, addresses
from browsing import chromium, visiting

from accord.portal.sessions import POLICY

pytestmark = pytest.mark.browser
_PICTURES = {
    "home": "/", "plan": "/plans/{held}", "run": "/runs/{export}", "identity": "/identities/7", "reviews": "/reviews",
    "systems": "/systems", "rules": "/rules", "schedules": "/jobs", "roles": "/governance?kind=role",
    "violations": "/governance?kind=violation",
}  # fmt: skip
_MOST_BYTES = 150_000


@pytest.fixture(scope="module")
def browser():
    with chromium() as started:
        yield started


def test_pages_are_accessible_silent_and_alone(browser, shown_portal, places):
    """Every second route in one of four combinations; all pages in all four take minutes."""
    some = {route: paths[:1] for route, paths in list(PAGES.items())[::2]}
    look_at(browser, shown_portal, addresses(some, places), "dark", 1280)


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 1920])
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_every_page_is_accessible_in_both_modes_and_widths(browser, shown_portal, places, mode, width):
    look_at(browser, shown_portal, addresses(PAGES, places), mode, width)


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_pages_are_accessible_where_there_is_nothing_yet(browser, empty_portal, mode):
    """Every page that needs no number, each with what it says to teach the next step."""
    look_at(browser, empty_portal, [route for route in PAGES if "{" not in route], mode, 1280)


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_way_in_and_what_goes_wrong_are_accessible(browser, shown_portal, mode):
    look_at(browser, shown_portal, ["/sign-in"], mode, 1280, is_let_in=False)
    with visiting(browser, shown_portal.url, color_scheme=mode) as visitor:
        _let_in(visitor, shown_portal)
        visitor.go("/plans/P999")
        assert visitor.violations() == []
        # The browser itself says that the page was not found.
        assert all("404" in said for said in visitor.said)
        assert visitor.policies == {POLICY}


def look_at(browser, portal, paths, mode, width, *, is_let_in=True):
    with visiting(browser, portal.url, color_scheme=mode) as visitor:
        visitor.page.set_viewport_size({"width": width, "height": 900})
        if is_let_in:
            _let_in(visitor, portal)
        wrong = []
        for path in paths:
            visitor.go(path)
            wrong += visitor.violations(with_dialogs=True)
            wide = visitor.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            wrong += [f"{path} is {wide} pixels too wide"] if wide > 0 else []
        assert not wrong, "\n".join(wrong)
        assert visitor.said == []
        assert visitor.asked == {urlsplit(portal.url).netloc}
        assert visitor.policies == {POLICY}


@pytest.mark.slow
def test_pictures_of_the_documents_are_small(browser, shown_portal, places, tmp_path):
    with visiting(browser, shown_portal.url, color_scheme="light") as visitor:
        visitor.page.set_viewport_size({"width": 1120, "height": 720})
        _let_in(visitor, shown_portal)
        for name, path in _PICTURES.items():
            visitor.go(path.format(**places))
            visitor.wait_until_filled()
            visitor.page.screenshot(path=tmp_path / f"portal-{name}.png")
    sizes = {file.name: file.stat().st_size for file in tmp_path.iterdir()}
    assert len(sizes) == len(_PICTURES)
    assert max(sizes.values()) < _MOST_BYTES, sizes
    if target := os.environ.get("ACCORD_PICTURES"):
        Path(target).mkdir(parents=True, exist_ok=True)
        for file in tmp_path.iterdir():
            shutil.copy(file, target)


def test_keys_walk_rows_and_go_to_pages(browser, shown_portal):
    with visiting(browser, shown_portal.url) as visitor:
        _let_in(visitor, shown_portal)
        visitor.go("/systems/apps/objects")
        keys = visitor.page.keyboard
        keys.press("j")
        keys.press("j")
        chosen = visitor.page.locator("tr[aria-selected=true] a").first.get_attribute("href")
        keys.press("Enter")
        visitor.page.wait_for_url(f"**{chosen}")
        keys.press("g")
        keys.press("r")
        visitor.page.wait_for_url("**/runs")
        keys.press("?")
        assert visitor.page.locator("#keys").is_visible()
        keys.press("Escape")
        keys.press("Control+k")
        keys.type("hr")
        keys.press("Enter")
        visitor.page.wait_for_url("**/systems/hr")


def _let_in(visitor, portal):
    cookies = [{"name": name, "value": value, "url": portal.url} for name, value in portal.cookies["anna"].items()]
    visitor.page.context.add_cookies(cookies)
