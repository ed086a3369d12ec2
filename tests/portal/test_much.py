"""Much of everything, with what is much made small: searched window by window, counted beside."""

import shutil
import time
from pathlib import Path

import pytest

from accord.app import open_server
from accord.operations import counting
from accord.operations.counting import Counter, count_identities
from accord.operations.plan_browsing import Shelf, Wanted
from worlds import World, people


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


def test_counts_of_many_come_from_before_until_they_are_taken_anew(settled_folder, tmp_path, monkeypatch):
    folder = tmp_path / "world"
    shutil.copytree(settled_folder, folder)
    monkeypatch.setattr(counting, "_BIG", 0)
    with open_server(folder / ".accord", config=folder) as server:
        counter = Counter(lambda: server.reading("tests"))
        with server.reading("tests") as context:
            before = counter.look(context).identities()
            assert before == count_identities(context)
    world = World(folder=folder)
    world.write_hr(people(28))
    world.import_("hr")
    world.sync()
    world.close()
    with open_server(folder / ".accord", config=folder) as server, server.reading("tests") as context:
        counter = Counter(lambda: server.reading("tests"))
        latest = counter.look(context)
        assert (latest.identities(), latest.is_exact) == (before, False)
        deadline = time.monotonic() + 60
        while latest.identities() == before:
            assert time.monotonic() < deadline
            latest = counter.look(context)
        assert latest.is_exact
        assert latest.identities() == {"person": 28}
        counter.close()


@pytest.mark.parametrize("path", ["/identities/7/why-not", "/objects/{guest}/why-not"])
def test_why_not_of_many_is_worked_out_when_somebody_says_so(shown, places, monkeypatch, path):
    monkeypatch.setattr("accord.runs.why_not_run._FEW", 0)
    address = path.format(**places)
    asked = shown.get(address).text
    assert f'hx-get="{address}?now=1"' in asked
    assert "says " not in asked
    assert "Work it out" not in shown.get(f"{address}?now=1").text
