"""Emptying a connector space: as an import that finds nothing would, but because somebody said so."""

from accord.model.frames import AddedObjects, RemovedObjects, StagedEdges, UpdatedObjects
from accord.model.plan import ImportPlan
from accord.runs.context import Context, RunResult, Terms, leased, recorded
from accord.runs.import_run import Reading, commit_import


def run_clear(context: Context, system: str) -> RunResult:
    """Take everything out of the connector space of a system; its history stays."""
    context.system(system)
    with (
        recorded(context, "clear", system=system) as run,
        leased(context, [system], run.activity.guid) as leases,
    ):
        versions = context.store.versions([f"system:{system}"])
        objects = context.store.connector_space.read_objects(system).table
        removed = objects.select(["id", "type", "anchor", "dn"]).append_column("before", objects["doc"])
        run.phase("commit", removed.num_rows)
        plan = ImportPlan(
            system=system, added=AddedObjects.empty(), updated=UpdatedObjects.empty(),
            removed=RemovedObjects(removed), edges_added=StagedEdges.empty(), edges_removed=StagedEdges.empty(),
        )  # fmt: skip
        # Not a complete reading: what was sent is neither confirmed nor missed by it.
        return commit_import(context, run, plan, Terms(versions=versions, leases=leases), Reading(is_read=False))
