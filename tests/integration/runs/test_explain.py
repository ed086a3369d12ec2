"""Why: decisions of persons are told as reasons, and one reference is explained however many there are."""

from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cache
from pathlib import Path

import pytest

from accord.cli.tables.explaining import explanation_page, reference_page
from accord.model.errors import NotFound, UsageError
from accord.operations.absence import why_not
from accord.operations.decisions import join_by_hand, never_match, withdraw_decision
from accord.operations.explaining import explain
from accord.operations.explaining_one import ReferenceTrial, explain_reference
from accord.runs.changes import BIG
from accord.runs.delta_run import run_delta_sync
from accord.testing.scenario_world import ScenarioWorld

Asked = Callable[[str], dict[tuple[str, str], ReferenceTrial]]
MANY = BIG + 200
GIVEN = {
    "systems": {
        "hr": {"rows": "number | name | team\n" + "\n".join(f"{n} | p{n} | red" for n in range(MANY))
                + "\n9998 | Zoe | blue\n9999 | Eve | red"},
        "lists": {
            "attributes": {"member": {"type": "reference", "multivalued": True}},
            "rows": "name | member\nall | " + ";".join(f"m{n}" for n in range(MANY)) + ";ghost\n"
                + "\n".join(f"m{n} | " for n in range(MANY)) + "\nm9998 | \nstray | ",
        },
        "target": {"attributes": {"key": "text", "member": {"type": "reference", "multivalued": True}}},
    },
    "types": {
        "person": {"attributes": {"number": "text", "name": "text", "team": "text"}},
        "group": {"attributes": {
            "name": "text", "member": {"type": "reference", "multivalued": True},
            "reds": {"type": "reference", "multivalued": True,
                     "derived": {"type": "person", "theirs": "team", "ours": "colour"}},
            "colour": "text",
        }},
    },
    "rules": {
        "hr-person": {"from": "hr", "identity": "person", "order": 10, "join": "number", "project": True,
                      "flows": ["number", "name", "team"]},
        "lists-person": {"from": "lists", "identity": "person", "order": 20, "scope": "name like 'm%'",
                         "join": [{"substr(name, 2)": "number"}], "flows": {}},
        "lists-group": {"from": "lists", "identity": "group", "order": 30, "scope": "name = 'all'", "join": "name",
                        "project": True, "flows": {"name": "name", "member": "member", "colour": "'red'"}},
        "person-target": {"to": "target", "identity": "person", "scope": "number <> '7'", "provision": True,
                          "anchor": "number", "flows": {}},
        "group-target": {"to": "target", "identity": "group", "provision": True, "anchor": "name",
                         "flows": {"member": "member"}},
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScenarioWorld]:
    """A group of more members than are looked at together."""
    world = ScenarioWorld(folder=tmp_path_factory.mktemp("explain"), given=GIVEN)
    with closing(world):
        world.make()
        for system in ("hr", "lists"):
            world.import_(system)
        run_delta_sync(world.context)
        yield world


@pytest.fixture(scope="module")
def trials(world: ScenarioWorld) -> Asked:
    """Ask about one reference, each once."""

    @cache
    def ask(who: str) -> dict[tuple[str, str], ReferenceTrial]:
        return {(t.system, t.attribute): t for t in explain_reference(world.context, "lists/all", who).trials}

    return ask


def told(trial: ReferenceTrial) -> dict[str, str | None]:
    return {i.name: i.value for i in trial.inputs}


def test_a_member_of_a_large_group_is_one_because_a_source_names_it(trials: Asked) -> None:
    found = trials("p5")
    member, account = found["", "member"], found["target", "member"]
    assert (member.is_wanted, member.is_held, member.rule) == (True, True, "lists-group")
    assert told(member) == {"lists/all": "names m5"}
    assert (account.is_wanted, account.is_held, account.waits) == (True, False, "add")
    assert "is not there yet" in account.reason


def test_who_is_no_member_is_told_what_the_source_does_not_name(trials: Asked) -> None:
    assert told(trials("Zoe")["", "member"]) == {"lists/all": "does not name m9998"}
    assert "there is none" in str(told(trials("Eve")["", "member"])["lists/all"])
    for who, reason in (("Zoe", "no source names it"), ("ghost", "it is named, and belongs to nobody")):
        trial = trials(who)["", "member"]
        assert (trial.is_wanted, trial.is_held, trial.reason) == (False, False, reason)


def test_a_member_without_account_is_none_of_the_accounts_group(trials: Asked) -> None:
    found = trials("p7")
    assert found["", "member"].is_wanted
    assert (found["target", "member"].is_wanted, found["target", "member"].waits) == (False, "")
    assert "has no account in target" in found["target", "member"].reason


def test_a_derived_reference_is_explained_by_the_two_values(trials: Asked) -> None:
    eve, zoe = trials("Eve")["", "reds"], trials("Zoe")["", "reds"]
    assert (eve.is_wanted, told(eve)) == (True, {"its colour": "red", "their team": "red"})
    assert (zoe.is_wanted, told(zoe)) == (False, {"its colour": "red", "their team": "blue"})
    assert "not equal" in zoe.reason


def test_a_large_group_tells_how_many_and_that_one_may_be_asked_about(world: ScenarioWorld) -> None:
    found = explain(world.context, "lists/all")
    values = {v.attribute: v for v in found.values}
    assert str(values["member"].value).endswith(f" and {MANY - 100} more")
    assert str(values["reds"].value).endswith(f" and {MANY + 1 - 100} more")
    assert "one by one" in values["member"].reason
    assert "whose team equals its colour; more than 1,000" in values["reds"].reason
    (account,) = [a for a in found.accounts if a.attribute == "member"]
    assert (account.wanted, account.held, account.pending) == (f"{MANY - 1} references", None, f"add {MANY - 1}")
    lines = [str(getattr(part, "renderable", part)) for part in explanation_page(found)]
    assert any("ask about one of them" in line for line in lines)


def test_what_is_asked_about_one_reference_is_refused_where_there_is_none(world: ScenarioWorld) -> None:
    with pytest.raises(NotFound, match="no reference 'boss'"):
        explain_reference(world.context, "lists/all", "p5", "boss")
    with pytest.raises(UsageError, match="belongs to no identity"):
        explain_reference(world.context, "lists/stray", "p5")


def test_only_the_reference_asked_about_is_shown(world: ScenarioWorld) -> None:
    found = explain_reference(world.context, "lists/all", "p5", "MEMBER")
    assert {t.attribute for t in found.trials} == {"member"}
    lines = [str(getattr(part, "renderable", part)) for part in reference_page(found)]
    assert any("names m5" in line for line in lines)


def test_a_decision_by_hand_is_told_as_the_reason(tmp_path: Path) -> None:
    given = {
        "systems": {
            "hr": {"rows": "number | name\n1 | Ann"},
            "phones": {"rows": "id | owner | phone\na | Hanna | 12\nb | Ann | 13"},
        },
        "rules": {
            "hr-person": {"from": "hr", "order": 10, "join": "number", "project": True, "flows": ["number", "name"]},
            "phones-person": {"from": "phones", "order": 20, "join": [{"owner": "name"}], "flows": ["phone"]},
        },
    }
    world = ScenarioWorld(folder=tmp_path, given=given)
    with closing(world):
        world.make()
        for system in given["systems"]:
            world.import_(system)
        world.sync()
        never_match(world.context, "phones", "b", reason="ticket 1: it is another Ann's")
        join_by_hand(world.context, "phones", "a", "Ann", reason="ticket 2: Hanna is her second name")
        world.sync()
        context = world.context
        found = explain(context, "Ann")
        by_system = {o.system: o for o in found.objects}
        decision = by_system["phones"].decision
        assert by_system["hr"].decision is None
        assert decision is not None
        assert (decision.kind, decision.actor, decision.reason) == (
            "join",
            "scenario",
            "ticket 2: Hanna is her second name",
        )
        assert decision.made_at
        assert sorted(d.kind for d in found.decisions) == ["join", "never"]
        (phone,) = [v for v in found.values if v.attribute == "phone"]
        assert [(c.how, c.value, c.verdict) for c in phone.contributions] == [("joined by hand", "12", "won")]
        lines = [str(getattr(part, "renderable", part)) for part in explanation_page(found)]
        assert (
            sum("ticket 2: Hanna is her second name" in line and "decided by scenario" in line for line in lines) == 2
        )
        absent = why_not(context, "phones/b")
        assert [t.outcome for t in absent.trials] == ["who has these values never matches it: a person decided so"]
        assert [d.reason for d in absent.decisions] == ["ticket 1: it is another Ann's"]
        withdraw_decision(context, decision.id, reason="no longer needed")
        world.sync()
        (linked,) = [o for o in explain(world.context, "Ann").objects if o.system == "phones"]
        assert linked.decision is not None
        assert (linked.decision.state, linked.decision.note) == ("withdrawn", "no longer needed")
