"""Jobs, collections and templates: kept as they came, shown with secrets masked, changed and deleted on the record."""

from collections.abc import Mapping, Sequence
from typing import Any

from accord.datasync.loose import wrong
from accord.model.errors import NotFound
from accord.operations.datasync.memory import drop_memory
from accord.operations.datasync.opening import check
from accord.operations.datasync.sealing import Body, copied, forget, masked, sealed
from accord.runs.context import Context
from accord.store.audit import Deed
from accord.store.datasync import StoredJob

JOB = "job"
COLLECTION = "collection"
TEMPLATE = "template"


def create_job(context: Context, body: Mapping[str, Any]) -> int:
    """Keep a job, or a template when its body says so; return its id. Raises Invalid with the place in the body."""
    read = check(context, body)
    kind = TEMPLATE if read.is_template else JOB
    with context.store.control.transaction():
        job = context.store.datasync.add_job(
            kind, read.name, sealed(context, body), actor=context.actor, now=context.clock()
        )
        _tell(context, "datasync.create", f"{kind} {job} {read.name}")
    return job


def update_job(context: Context, job: int, body: Mapping[str, Any]) -> int:
    """Keep another body under the id of a job; secrets that come masked stay as they were."""
    stored = _read(context, job, (JOB, TEMPLATE))
    read = check(context, body)
    after = sealed(context, body, stored.body)
    with context.store.control.transaction():
        context.store.datasync.change_job(job, read.name, after, now=context.clock())
        forget(context, stored.body, after)
        _tell(context, "datasync.update", f"{stored.kind} {job} {read.name}")
    return job


def read_job(context: Context, job: int) -> StoredJob:
    """Return a job or template, secrets masked; raise NotFound."""
    return _shown(_read(context, job, (JOB, TEMPLATE)))


def list_jobs(context: Context) -> tuple[StoredJob, ...]:
    """Return the jobs that are in no collection, secrets masked, oldest first."""
    return tuple(_shown(job) for job in context.store.datasync.list_jobs(JOB) if not job.collection)


def list_templates(context: Context) -> tuple[StoredJob, ...]:
    """Return the templates."""
    return tuple(_shown(job) for job in context.store.datasync.list_jobs(TEMPLATE))


def delete_jobs(context: Context, jobs: Sequence[int]) -> None:
    """Delete jobs with their history, all or none; raise NotFound."""
    found = [_read(context, job, (JOB, TEMPLATE)) for job in jobs]
    _delete(context, found)
    _forget_memories(context, found)


def create_collection(context: Context, body: Mapping[str, Any]) -> int:
    """Keep a collection with copies of its jobs; return its id."""
    name, jobs = _collection(context, body)
    with context.store.control.transaction():
        kept = context.store.datasync
        collection = kept.add_job(COLLECTION, name, _without_jobs(body), actor=context.actor, now=context.clock())
        _add_jobs(context, collection, jobs)
        _tell(context, "datasync.create", f"collection {collection} {name}")
    return collection


def update_collection(context: Context, collection: int, body: Mapping[str, Any]) -> int:
    """Keep another body for a collection; its jobs become those of the body."""
    stored = _read(context, collection, (COLLECTION,))
    name, jobs = _collection(context, body)
    there = {job.id: job for job in context.store.datasync.jobs_of(collection)}
    with context.store.control.transaction():
        kept = context.store.datasync
        kept.change_job(collection, name, {**stored.body, **_without_jobs(body)}, now=context.clock())
        staying = {job: content for job, content in ((_id_of(content), content) for content in jobs) if job in there}
        for job, content in staying.items():
            after = sealed(context, content, there[job].body)
            kept.change_job(job, check(context, content).name, after, now=context.clock())
            forget(context, there[job].body, after)
        _delete(context, [job for job in there.values() if job.id not in staying])
        _add_jobs(context, collection, [content for content in jobs if _id_of(content) not in staying])
        _tell(context, "datasync.update", f"collection {collection} {name}")
    return collection


def read_collection(context: Context, collection: int) -> tuple[StoredJob, tuple[StoredJob, ...]]:
    """Return a collection with its jobs in their order, secrets masked; raise NotFound."""
    stored = _read(context, collection, (COLLECTION,))
    return stored, tuple(_shown(job) for job in jobs_in_order(context, collection))


def jobs_in_order(context: Context, collection: int) -> tuple[StoredJob, ...]:
    """Return the jobs of a collection as they are kept, in the order in which they run."""
    jobs = context.store.datasync.jobs_of(collection)
    return tuple(sorted(jobs, key=lambda job: (_order_of(job.body), job.id)))


def list_collections(context: Context) -> tuple[StoredJob, ...]:
    """Return the collections, oldest first."""
    return context.store.datasync.list_jobs(COLLECTION)


def delete_collections(context: Context, collections: Sequence[int]) -> None:
    """Delete collections with their jobs, all or none; the jobs they were copied from stay."""
    found = [_read(context, collection, (COLLECTION,)) for collection in collections]
    for collection in found:
        jobs = context.store.datasync.jobs_of(collection.id)
        _delete(context, [*jobs, collection])
        _forget_memories(context, jobs)


def _add_jobs(context: Context, collection: int, jobs: Sequence[Mapping[str, Any]]) -> None:
    kept = context.store.datasync
    for order, content in enumerate(jobs, 1):
        original = next((j for j in kept.list_jobs(JOB) if j.id == _id_of(content) and not j.collection), None)
        body = _placed(content, collection, order)
        # The copy has secrets of its own: it goes on when the original is deleted.
        own = sealed(context, body, copied(context, original.body) if original else None)
        name = check(context, body).name
        kept.add_job(JOB, name, own, actor=context.actor, now=context.clock(), collection=collection)


def _delete(context: Context, found: Sequence[StoredJob]) -> None:
    with context.store.control.transaction():
        for stored in found:
            context.store.datasync.remove_job(stored.id)
            forget(context, stored.body)
            _tell(context, "datasync.delete", f"{stored.kind} {stored.id} {stored.name}")


def _forget_memories(context: Context, jobs: Sequence[StoredJob]) -> None:
    for job in jobs:
        drop_memory(context, job.id)


def _collection(context: Context, body: Mapping[str, Any]) -> tuple[str, list[Mapping[str, Any]]]:
    info = _under(body, "jobCollectionInfo")
    name = str(_under_text(info, "name") or "").strip()
    if not name:
        raise wrong("jobCollectionInfo.name", "a collection needs a name")
    jobs = next((value for key, value in body.items() if key.casefold() == "jobs"), None) or []
    if not isinstance(jobs, list) or not all(isinstance(job, Mapping) for job in jobs):
        raise wrong("jobs", "must be a list of jobs")
    for job in jobs:
        check(context, job)
    return name, jobs


def _read(context: Context, job: int, kinds: tuple[str, ...]) -> StoredJob:
    stored = context.store.datasync.read_job(job)
    if stored.kind not in kinds:
        raise NotFound(f"{job} is a {stored.kind}, not a {kinds[0]}", remedy=f"ask for a {kinds[0]}")
    return stored


def _shown(stored: StoredJob) -> StoredJob:
    return StoredJob(
        id=stored.id, kind=stored.kind, name=stored.name, collection=stored.collection, body=masked(stored.body),
        created_at=stored.created_at, modified_at=stored.modified_at, created_by=stored.created_by,
    )  # fmt: skip


def _placed(content: Mapping[str, Any], collection: int, order: int) -> Body:
    info = _under(content, "jobInfo")
    placed = {**info, "type": 2, "collectionId": collection, "runOrder": info.get("runOrder") or order}
    key = next((key for key in content if key.casefold() == "jobinfo"), "jobInfo")
    return {**content, key: placed}


def _id_of(content: Mapping[str, Any]) -> int:
    try:
        return int(_under(content, "jobInfo").get("jobId") or 0)
    except (TypeError, ValueError):
        raise wrong("jobInfo.jobId", "must be a whole number") from None


def _order_of(body: Mapping[str, Any]) -> int:
    order = _under(body, "jobInfo").get("runOrder")
    return order if isinstance(order, int) else 0


def _under(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = next((value for key, value in body.items() if key.casefold() == name.casefold()), None)
    return found if isinstance(found, Mapping) else {}


def _under_text(body: Mapping[str, Any], name: str) -> object:
    return next((value for key, value in body.items() if key.casefold() == name.casefold()), None)


def _without_jobs(body: Mapping[str, Any]) -> Body:
    return {key: value for key, value in body.items() if key.casefold() != "jobs"}


def _tell(context: Context, action: str, subject: str) -> None:
    context.store.audit.add(Deed(actor=context.actor, action=action, subject=subject), at=context.clock())
