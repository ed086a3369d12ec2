"""A browser at a portal that really works: served, with workers, over a showcase of any size; what people do there."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from portal_pages import PASSWORD
from showcase import keep_showcase, write_showcase

from accord.api.application import create_app
from accord.api.settings import Settings
from accord.app import open_server
from accord.operations.access import Role
from accord.operations.administrators import add_administrator
from accord.portal.application import with_portal
from accord.testing.private_api import PrivateApi
from accord.worker import running_worker

ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync")  # fmt: skip
AXE = Path(__file__).with_name("axe.min.js").read_text(encoding="utf-8")
_VIOLATIONS = """axe.run(%s, {resultTypes: ['violations']}).then(found => JSON.stringify(
    found.violations.map(violation => [violation.id, violation.nodes[0].html])))"""
_UNFOLD = "document.querySelectorAll('details').forEach(each => { each.open = true; })"
_DIALOGS = "document.querySelectorAll('dialog')"
_OVER = ", ".join(f"#live > p > .chip.{state}" for state in ("done", "done_with_errors", "held", "failed", "cancelled"))


@contextmanager
def chromium() -> Iterator[Any]:
    """Start Debian's browser."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where there is a browser

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(ARGUMENTS))
        yield browser
        browser.close()


@contextmanager
def working_portal(folder: Path, count: int) -> Iterator[str]:
    """Serve a showcase of so many people that nobody has read yet, with workers; give its address."""
    world = write_showcase(folder / "config", count)
    # Fewer people than the source's own limit allows go on to the guard of the synchronisation.
    world.edit("systems/hr", "connector: csv", "connector: csv\nguard: {source_drop: {percent: 100}}")
    world.close()
    keep_showcase(folder / "config", folder / "data")
    settings = Settings(rate_anonymous=0, rate_signed_in=0)
    with open_server(folder / "data") as server, running_worker(server):
        with server.writing("tests") as context:
            add_administrator(context, "anna", PASSWORD, frozenset({Role.ADMINISTRATOR}))
        with PrivateApi(with_portal(create_app(server, settings), server, settings)) as api:
            yield api.url


@dataclass(slots=True)
class Visitor:
    """Somebody at a page: what the browser said, whom it asked and under which policies pages came, is kept.

    `data`: the folder of the server.
    """

    page: Any
    url: str
    said: list[str]
    asked: set[str]
    policies: set[str | None]
    wait_ms: int = 60_000
    data: Path = Path()

    def sign_in(self) -> None:
        self.page.goto(f"{self.url}/sign-in")
        self.page.fill("[name=name]", "anna")
        self.page.fill("[name=secret]", PASSWORD)
        self.page.click("text=Sign in >> nth=-1")
        self.page.wait_for_selector("h1:has-text('What needs me')")

    def go(self, path: str) -> None:
        self.page.goto(self.url + path)

    def press(self, name: str) -> None:
        """Press a button by what it says."""
        self.page.get_by_role("button", name=re.compile(f"^{re.escape(name)}$")).first.click()

    def decide(self, opener: str, button: str, *, reason: str = "as planned", typed: str = "") -> None:
        """Open a dialog, give the reason, type what it asks for, and confirm."""
        self.press(opener)
        dialog = self.page.locator("dialog[open]")
        dialog.locator("[name=reason]").fill(reason)
        if typed:
            assert dialog.get_by_role("button", name=button, exact=True).is_disabled()
            dialog.locator("[data-confirm]").fill(typed)
        dialog.get_by_role("button", name=button, exact=True).click()

    def wait_until_over(self) -> str:
        """Watch a run until it has ended; return how."""
        self.page.wait_for_url(re.compile("/runs/"), timeout=self.wait_ms)
        self.page.wait_for_selector(_OVER, timeout=self.wait_ms)
        return self.page.locator(_OVER).first.text_content() or ""

    def wait_until_filled(self) -> None:
        """Wait for the parts of a page that come after it."""
        self.page.wait_for_selector("p.waits", state="detached", timeout=self.wait_ms)

    def violations(self, *, with_dialogs: bool = False) -> list[str]:
        """Return what is not accessible on the page with everything unfolded, and in each dialog when wanted."""
        self.wait_until_filled()
        self.page.evaluate(_UNFOLD)
        self.page.wait_for_selector("p.unopened", state="detached", timeout=self.wait_ms)
        # Beside the page, so that its policy stays in force and whatever offends it is said in the console.
        beside = self.page.context.new_cdp_session(self.page)
        beside.send("Runtime.evaluate", {"expression": AXE})
        found = _violations(beside, "document")
        for place in range(self.page.evaluate(f"{_DIALOGS}.length") if with_dialogs else 0):
            dialog = f"{_DIALOGS}[{place}]"
            self.page.evaluate(f"{dialog}.showModal()")
            found += _violations(beside, dialog)
            self.page.evaluate(f"{dialog}.close()")
        beside.detach()
        return [f"{self.page.url}: {name}: {element}" for name, element in found]


def _violations(beside: Any, where: str) -> list[tuple[str, str]]:
    asked = {"expression": _VIOLATIONS % where, "awaitPromise": True, "returnByValue": True}
    return [(name, element) for name, element in json.loads(beside.send("Runtime.evaluate", asked)["result"]["value"])]


@contextmanager
def visiting(browser: Any, url: str, **context: Any) -> Iterator[Visitor]:
    """Open a window; whatever the console says is kept."""
    opened = browser.new_context(viewport={"width": 1280, "height": 900}, **context)
    page = opened.new_page()
    visitor = Visitor(page=page, url=url, said=[], asked=set(), policies=set())
    page.on("console", lambda message: visitor.said.append(message.text))
    page.on("pageerror", lambda error: visitor.said.append(str(error)))
    page.on("request", lambda request: visitor.asked.add(urlsplit(request.url).netloc))
    page.on("response", lambda response: _note(visitor, response))
    yield visitor
    opened.close()


def _note(visitor: Visitor, response: Any) -> None:
    if response.headers.get("content-type", "").startswith("text/html"):
        visitor.policies.add(response.headers.get("content-security-policy"))
