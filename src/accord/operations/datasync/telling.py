"""After a run: who is told of it, and the first passwords handed over. What cannot be sent is told in the run."""

from collections.abc import Sequence
from contextlib import closing

import pyarrow as pa

from accord.connectors.base import DN, ReadScope
from accord.datasync.body import JobBody
from accord.datasync.notices import (
    NOT_SENT,
    Mail,
    Notice,
    Told,
    is_due,
    mail_of,
    mail_of_passwords,
    notice_of,
    notice_of_collection,
    wants_manager_told,
)
from accord.model.errors import AccordError
from accord.model.schema import AttributeSchema, ObjectTypeSchema
from accord.operations.datasync.mailing import MailRoute, send, server_of
from accord.operations.datasync.opening import Opens, ReadyJob, read_provider
from accord.runs.context import Context
from accord.runs.passwords import NewPassword
from accord.store.datasync import RowResult, StoredJob, StoredRun


def tell_run(context: Context, body: JobBody, run: StoredRun, results: Sequence[RowResult]) -> list[RowResult]:
    """Mail whoever wants to know of a run of one job; return what could not be sent."""
    try:
        return _tell(context, (body,), notice_of(body), told_of(body.name, run, results))
    except AccordError as error:
        return [_not_sent("", error)]


def tell_collection(
    context: Context, stored: StoredJob, bodies: Sequence[JobBody], told: Told, each: Sequence[Told]
) -> list[RowResult]:
    """Mail whoever wants to know of a run of a collection, and of each of its jobs where that is wanted."""
    notice = notice_of_collection(stored.body)
    lost = _tell(context, bodies, notice, told)
    if notice.is_for_each:
        for one in each:
            lost += _tell(context, bodies, notice, one)
    return lost


def told_of(name: str, run: StoredRun, results: Sequence[RowResult]) -> Told:
    """Return a run as mails tell it."""
    lines = [
        f"  {r.row} {r.key}: {r.action} {r.outcome}: {r.message}"
        for r in results
        if r.outcome in ("error", "failed", "unknown")
    ]
    return Told(
        name=name, state=run.state, message=run.message, counts=run.counts, lines=lines, started_at=run.started_at,
        ended_at=run.ended_at,
    )  # fmt: skip


def hand_over(job: ReadyJob, made: Sequence[NewPassword]) -> list[RowResult]:
    """Mail first passwords to the job's recipients, and to managers where that is wanted; return what was not sent."""
    if not made:
        return []
    to_manager = any(wants_manager_told(job.body, option.object_type) for option in job.body.objects)
    try:
        notice = notice_of(job.body)
        mails = []
        if notice.recipients:
            mails.append(mail_of_passwords(notice.recipients, job.body.name, [_named(one) for one in made]))
        if to_manager:
            mails += _to_managers(job, made)
        if mails:
            _send(job, mails)
    except AccordError as error:
        return [_not_sent(one.operation.dn or "", error) for one in made]
    return []


def _tell(context: Context, bodies: Sequence[JobBody], notice: Notice, told: Told) -> list[RowResult]:
    if not is_due(notice, told.state, told.counts):
        return []
    try:
        names = dict.fromkeys(name for body in bodies for name in (body.destination, body.source))
        providers = [read_provider(context, name, "jobInfo") for name in names]
        server = server_of(providers)
        password = Opens(context=context).look_up(server.password) if server.password else ""
        send(MailRoute(server=server, password=password), [mail_of(notice, told)])
    except AccordError as error:
        return [_not_sent("", error)]
    return []


def _send(job: ReadyJob, mails: Sequence[Mail]) -> None:
    server = server_of((job.destination, job.source))
    password = job.opens.look_up(server.password) if server.password else ""
    send(MailRoute(server=server, password=password), mails)


def _to_managers(job: ReadyJob, made: Sequence[NewPassword]) -> list[Mail]:
    managers = {one.operation.row: _value(one, "manager") for one in made}
    if not any(managers.values()) or not job.destination.kind.is_directory:
        return []
    addresses = _addresses(job)
    mails = []
    for one in made:
        address = addresses.get(managers[one.operation.row].casefold())
        if address:
            mails.append(mail_of_passwords((address,), job.body.name, [_named(one)]))
    return mails


def _addresses(job: ReadyJob) -> dict[str, str]:
    """Return the mail address of everybody in the directory who has one, by name, in one paged search."""
    schema = ObjectTypeSchema(
        name="mailed", anchor=("mail",), has_dn=True, attributes={"mail": AttributeSchema(name="mail")}
    )
    settings = {"objects": {"mailed": {"object_class": "top", "filter": "(mail=*)"}}}
    with closing(job.opens.open(job.destination, settings)) as connector:
        batches = [b.rows for b in connector.read(ReadScope(object_types={"mailed": schema}))]
    whole = pa.Table.from_batches(batches) if batches else None
    if whole is None:
        return {}
    return {
        str(dn).casefold(): str(mail) for dn, mail in zip(whole[DN].to_pylist(), whole["mail"].to_pylist(), strict=True)
    }


def _named(one: NewPassword) -> tuple[str, str]:
    name = _value(one, "sAMAccountName") or _value(one, "userPrincipalName") or _value(one, "uid")
    return name or one.operation.dn or one.operation.anchor or "", one.text


def _value(one: NewPassword, name: str) -> str:
    values = [c.after or c.added for c in one.operation.changes if c.name.casefold() == name.casefold()]
    return values[0][0] if values and values[0] else ""


def _not_sent(row: str, error: AccordError) -> RowResult:
    return RowResult(row=row, action="mail", outcome="error", code=NOT_SENT, message=str(error))
