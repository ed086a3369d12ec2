"""Why not: absences are explained rule by rule, for objects of nobody and for accounts that are missing."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from accord.operations.absence import RuleTrial, WhyNot, why_not
from accord.runs.delta_run import run_delta_sync
from accord.testing.scenario_world import ScenarioWorld

GIVEN = {
    "systems": {
        "hr": {"rows": "number | name | status\n1 | Ann | active\n2 | Ann | left\n3 | Bob | active"},
        "phones": {
            "rows": "id | owner | kind\na | Ann | desk\nb | Zoe | desk\nc | Bob | fax\nd | Bob | desk\ne | Bob | desk",
        },
        "directory": {"rows": "login | name\nx | Eve"},
    },
    "rules": {
        "hr-person": {
            "from": "hr", "order": 10, "join": "number", "project": True, "flows": ["number", "name", "status"],
        },
        "phones-person": {
            "from": "phones", "order": 20, "join": [{"owner": "name"}], "flows": {"phone": "id"},
            "scope": {"all": [{"attribute": "kind", "equals": "desk"}, {"attribute": "owner", "is_present": True}]},
        },
        "person-directory": {
            "to": "directory", "scope": "status = 'active'", "join": [{"login": "number"}], "flows": ["name"],
        },
    },
}  # fmt: skip


@pytest.fixture(scope="module", params=["whole", "part"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScenarioWorld]:
    """A world synchronised as a whole; or one with look-ups from a delta, by which a part is enough."""
    world = ScenarioWorld(folder=tmp_path_factory.mktemp("why"), given=GIVEN)
    with closing(world):
        world.make()
        for system in GIVEN["systems"]:
            world.import_(system)
        if request.param == "part":
            run_delta_sync(world.context)
            assert world.context.store.baselines.read() is not None
        else:
            world.sync()
        yield world


def the_trial(found: WhyNot) -> RuleTrial:
    (trial,) = found.trials
    return trial


def test_an_ambiguous_object_names_its_candidates(world: ScenarioWorld) -> None:
    trial = the_trial(why_not(world.context, "phones/a"))
    assert trial.scope == "in scope"
    assert "JOIN_AMBIGUOUS" in trial.outcome
    assert [(k.expression, k.values, k.attribute) for k in trial.joins[0].keys] == [("owner", "Ann", "name")]
    assert len(trial.joins[0].candidates) == 2


def test_an_object_that_nobody_matches_says_what_it_looked_for(world: ScenarioWorld) -> None:
    trial = the_trial(why_not(world.context, "phones/b"))
    assert trial.outcome == "no identity has these values, and the rule does not project"
    assert trial.joins[0].keys[0].values == "Zoe"
    assert trial.joins[0].candidates == ()


def test_an_object_out_of_scope_names_the_condition_that_fails(world: ScenarioWorld) -> None:
    trial = the_trial(why_not(world.context, "phones/c"))
    assert trial.scope == trial.outcome == "out of scope"
    assert [(c.condition, c.reads, c.verdict) for c in trial.conditions] == [
        ("all: kind equals desk", "kind = fax", "no"),
        ("all: owner is_present", "owner = Bob", "yes"),
    ]


def test_an_account_that_nobody_claims_says_by_what_it_was_looked_for(world: ScenarioWorld) -> None:
    trial = the_trial(why_not(world.context, "directory/x"))
    assert trial.outcome == "nobody who wants such an account, and has none, has these values"
    assert [(k.values, k.attribute) for k in trial.joins[0].keys] == [("x", "number")]


def test_contested_objects_are_told(world: ScenarioWorld) -> None:
    assert "JOIN_CONTESTED" in the_trial(why_not(world.context, "phones/d")).outcome


def test_a_missing_account_is_explained_by_scope_or_by_want_of_provisioning(world: ScenarioWorld) -> None:
    left = the_trial(why_not(world.context, "hr/2", "directory"))
    assert (left.scope, left.conditions[0].reads) == ("out of scope", "status = left")
    active = the_trial(why_not(world.context, "hr/3", "directory"))
    assert active.outcome == "no account there matches, and the rule does not provision"


def test_what_keeps_an_identity_alive_is_told(world: ScenarioWorld) -> None:
    life = why_not(world.context, "hr/1").life
    assert life is not None
    assert (life.trigger, life.kept_by) == ("last_connector", ("hr by hr-person",))


def test_asking_changes_nothing(world: ScenarioWorld) -> None:
    before = world.context.store.versions(["metaverse", "system:hr"])
    why_not(world.context, "phones/a")
    assert world.context.store.versions(["metaverse", "system:hr"]) == before
