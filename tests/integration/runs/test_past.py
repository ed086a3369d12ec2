"""State at a time: values, accounts and references as they were, also of who has ended since."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from accord.model.errors import NotFound, UsageError
from accord.operations.explaining import explain
from accord.operations.past import explain_at, read_object_at, read_time
from accord.testing.scenario_world import ScenarioWorld

GIVEN = {
    "systems": {
        "hr": {
            "attributes": {"boss": "reference"},
            "rows": "number | name | boss\n1 | Ann | 2\n2 | Bob |\n3 | Eve |",
        },
        "directory": {"attributes": ["login", "name"]},
    },
    "types": {"person": {"attributes": {"number": "text", "name": "text", "boss": "reference"}}},
    "rules": {
        "hr-person": {"from": "hr", "join": "number", "project": True, "flows": ["number", "name", "boss"]},
        "person-directory": {
            "to": "directory", "provision": True, "anchor": "number", "flows": ["name"], "on_leave": "delete",
        },
    },
}  # fmt: skip


def test_everything_is_as_it_was(tmp_path: Path) -> None:
    world = ScenarioWorld(folder=tmp_path, given=GIVEN)
    with closing(world):
        world.make()
        world.cycle()
        identity = f"identity:{world.context.store.metaverse.find_identities('Ann').table['id'][0].as_py()}"
        then = world.now + timedelta(minutes=1)
        world.wait("1 day")
        world.edit({"hr": {"change": "number | name | boss\n1 | Anna | 3"}})
        world.cycle()
        later = world.now + timedelta(minutes=1)
        world.wait("1 day")
        world.edit({"hr": {"remove": [1]}})
        world.cycle()
        names = {}
        for moment in (then, later):
            page = read_object_at(world.context, identity, moment)
            assert page.identity is not None
            assert [(o.system, o.anchor) for o in page.objects] == [("directory", "1"), ("hr", "1")]
            values = {a.name: a.values for a in page.identity.attributes}
            accounts = {a.name: a.values for o in page.objects for a in o.attributes if a.name == "name"}
            names[moment] = (values["name"], accounts["name"], len(page.objects), page.identity.references[0].values)
        assert names[then][:3] == (("Ann",), ("Ann",), 2)
        assert names[later][:3] == (("Anna",), ("Anna",), 2)
        assert names[then][3] != names[later][3]
        with pytest.raises(NotFound):
            read_object_at(world.context, identity, world.now + timedelta(minutes=1))
        with pytest.raises(NotFound):
            read_object_at(world.context, identity, then - timedelta(days=1))


def test_every_value_names_rule_and_run_now_and_then(tmp_path: Path) -> None:
    world = ScenarioWorld(folder=tmp_path, given=GIVEN)
    with closing(world):
        world.make()
        world.cycle()
        ann = f"identity:{world.context.store.metaverse.find_identities('Ann').table['id'][0].as_py()}"
        then = world.now + timedelta(minutes=1)
        world.wait("1 day")
        world.edit({"hr": {"change": "number | name | boss\n1 | Anna | 3"}})
        world.cycle()
        now = explain(world.context, ann)
        runs = {run.activity: run.kind for run in now.runs}
        since = {v.attribute: v.since for v in now.values}
        assert runs[since["name"]] == "sync"
        assert since["name"] == since["boss"] != since["number"]
        (sent,) = [a for a in now.accounts if a.attribute == "name"]
        assert (sent.held, runs[sent.since]) == ("Anna", "export")
        past = explain_at(world.context, ann, then, "name")
        assert past.identity is not None
        (name,) = past.identity.attributes
        assert (name.values, name.rule, name.since) == (("Ann",), "hr-person", since["number"])
        assert [[a.values for a in o.attributes] for o in past.objects] == [[("Ann",)], [("Ann",)]]
        with pytest.raises(NotFound, match="shoes"):
            explain_at(world.context, ann, then, "shoes")


def test_a_reference_is_explained_by_whom_its_names_mean(tmp_path: Path) -> None:
    given = GIVEN | {"systems": GIVEN["systems"] | {"hr": {
        "attributes": {"boss": "reference"}, "rows": "number | name | boss\n1 | Ann | 2\n2 | Bob | 9\n3 | Eve |",
    }}}  # fmt: skip
    world = ScenarioWorld(folder=tmp_path, given=given)
    with closing(world):
        world.make()
        world.cycle()
        told = {}
        for name in ("Ann", "Bob", "Eve"):
            (boss,) = explain(world.context, name, "boss").values
            (contribution,) = boss.contributions
            told[name] = (
                boss.value,
                boss.reason,
                contribution.verdict,
                [(i.name, i.value) for i in contribution.inputs],
            )
        bob = f"identity:{world.context.store.metaverse.find_identities('Bob').table['id'][0].as_py()}"
        assert told == {
            "Ann": (bob, "the first contributor that names anybody known wins", "won", [("2", bob)]),
            "Bob": (None, "no contributor names anybody who is known", "no value",
                    [("9", "no object of this name is known")]),
            "Eve": (None, "nobody is named", "no value", []),
        }  # fmt: skip


def test_a_time_without_zone_is_utc_and_nonsense_is_told() -> None:
    assert read_time("2026-11-01T10:00").isoformat() == "2026-11-01T10:00:00+00:00"
    with pytest.raises(UsageError):
        read_time("yesterday")
