"""Jobs of the jobs contract as steps of schedules: declared in the configuration, begun in turn, with parameters."""

from dataclasses import replace

import pytest

from accord.app import open_accord
from accord.config.load import load
from accord.connectors.registry import connector_kind
from accord.model.errors import ConfigErrors
from accord.operations.execution import perform
from accord.operations.schedules import follow, read_execution, run_now
from accord.runs.context import Context
from worlds import World, people

GOVERN = """
schedule: govern
cron: "0 2 * * *"
steps:
  - {job: owner_sync}
  - {job: role_generation, parameters: {mode: entitlements, minimum_owner_count: 1}, parallel: true}
"""


def work(context: Context) -> None:
    """Do every job that can have its turn, as a worker would."""
    store = context.store
    for waiting in store.jobs.ready():
        activity = store.activities.read_by_guid(waiting.guid)
        started = store.jobs.start(activity.id, session=store.session.name, now=context.clock())
        assert started is not None
        perform(replace(context, activity=started, actor=started.actor), started)


def test_a_schedule_starts_jobs_with_their_parameters(local_world: World) -> None:
    local_world.make(people(3))
    local_world.configure("schedules/govern", GOVERN)
    configuration = load(local_world.folder, kind_of=connector_kind)
    schedule = configuration.schedules["govern"]
    with open_accord(local_world.folder, url=local_world.url) as opened:
        context = opened.context
        execution = run_now(context, schedule, configuration.profiles)
        for _ in range(6):
            follow(context, context.store.activities.read(int(execution.activity.id[1:])))
            work(context)
        ended = read_execution(context, execution.activity.id)
        assert [(s.step.profile, s.state) for s in ended.steps] == [("owner_sync", "done"), ("role_generation", "done")]
        generated = ended.steps[1].activity
        assert generated is not None
        assert generated.kind == "role_generation"
        assert ended.activity.state == "done"


@pytest.mark.parametrize("step", ["{job: magic}", "{job: full_sync, system: hr, profile: x}", "{system: hr}", "{}"])
def test_a_step_is_a_job_or_a_run_profile(local_world: World, step: str) -> None:
    local_world.make(people(1))
    local_world.configure("schedules/govern", f"schedule: govern\nsteps:\n  - {step}\n")
    with pytest.raises(ConfigErrors, match="govern"):
        load(local_world.folder, kind_of=connector_kind)
