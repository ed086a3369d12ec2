"""Much of everything, with what is much made small: searched window by window."""

import shutil
from pathlib import Path

import pytest

from accord.app import open_server
from accord.operations.plan_browsing import Shelf, Wanted


def test_a_search_window_by_window_finds_what_a_search_of_all_finds(portal_world, tmp_path):
    shared, _, held = portal_world
    # A server of other tests may have the shared one open.
    folder = Path(shutil.copytree(shared, tmp_path / "world"))
    with open_server(folder / ".accord", config=folder) as server, server.reading("tests") as context:
        shelf = Shelf(tmp_path)
        whole = shelf.page(context, held, Wanted(text="Lee1"), limit=1000)
        found, after, looks = [], 0, 0
        while after is not None:
            page = shelf.page(context, held, Wanted(text="Lee1"), after=after, limit=1000, window=7)
            assert page.looked <= after + 7
            found, after, looks = [*found, *page.changes], page.next, looks + 1
    assert found == list(whole.changes)
    assert whole.changes
    assert (whole.looked, looks) == (whole.held, -(-whole.held // 7))


@pytest.mark.parametrize("path", ["/identities/7/why-not", "/objects/{guest}/why-not"])
def test_why_not_of_many_is_worked_out_when_somebody_says_so(shown, places, monkeypatch, path):
    monkeypatch.setattr("accord.runs.why_not_run._FEW", 0)
    address = path.format(**places)
    asked = shown.get(address).text
    assert f'hx-get="{address}?now=1"' in asked
    assert "says " not in asked
    assert "Work it out" not in shown.get(f"{address}?now=1").text
