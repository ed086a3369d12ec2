"""Writing: exports pipelined on one connection, never two together that depend on each other."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from accord.connectors.base import ExportOperation, ExportOutcome, Operation, OutcomeState
from accord.connectors.ldap.active_directory import cause_named
from accord.connectors.ldap.ber import PERMISSIVE_MODIFY, POST_READ, attribute_selection, read_entry
from accord.connectors.ldap.client import Control, DirectoryClient, ReadBack, Response
from accord.connectors.ldap.columns import Shape, anchor_of
from accord.connectors.ldap.containers import Containers
from accord.connectors.ldap.operations import Add, Modify, Request, WriteTarget, to_requests, with_placeholder
from accord.connectors.ldap.results import (
    NO_SUCH_OBJECT,
    OBJECT_CLASS_VIOLATION,
    PARENT_MISSING,
    SUCCESS,
    Cause,
    cause_of,
    describe,
)
from accord.connectors.ldap.schedule import Schedule
from accord.connectors.ldap.values import PASSWORDS
from accord.model.errors import RowError, SystemUnavailable
from accord.model.schema import ValueType

_NEVER_SEEN = "nobody would see it again: add its container, or correct the rule that names it"

# Not critical: servers without it still say that a value is there already, and that is an outcome as well.
_PERMISSIVE = (Control(oid=PERMISSIVE_MODIFY),)


@dataclass(frozen=True, slots=True, kw_only=True)
class WritePlan:
    """What writing needs besides the client: by object type how to write it and how to read its anchor.

    `containers`: where entries may be made or moved to; None is anywhere.
    """

    targets: Mapping[str, WriteTarget]
    shapes: Mapping[str, Shape]
    window: int
    has_post_read: bool
    containers: Containers | None = None


@dataclass(slots=True, kw_only=True)
class _Task:
    """One export on its way: the requests not yet sent, the one in flight, whether any was carried out."""

    index: int
    operation: ExportOperation
    waiting: deque[Request | ReadBack] = field(default_factory=deque)
    sent: Request | ReadBack | None = None
    has_changed: bool = False
    has_placeholder: bool = False
    anchor: str | None = None


def write_all(
    client: DirectoryClient, plan: WritePlan, operations: Sequence[ExportOperation]
) -> Iterator[ExportOutcome]:
    """Yield one outcome per operation; raise SystemUnavailable only when nothing was sent."""
    return _Pipeline(client, plan, operations).run()


class _Pipeline:
    def __init__(self, client: DirectoryClient, plan: WritePlan, operations: Sequence[ExportOperation]) -> None:
        self._client = client
        self._plan = plan
        self._operations = operations
        self._schedule = Schedule(operations, _references(plan))
        self._in_flight: dict[int, _Task] = {}
        self._has_sent = False
        self._on_create = {name: _post_read(shape, plan) for name, shape in plan.shapes.items()}

    def run(self) -> Iterator[ExportOutcome]:
        while True:
            try:
                outcome = self._advance()
            except SystemUnavailable as error:
                if not self._has_sent:
                    raise
                yield from self._lost(error)
                return
            if outcome is None:
                return
            yield outcome

    def _advance(self) -> ExportOutcome | None:
        """Send what may be sent, take answers until one operation has its outcome; None when all have."""
        while True:
            while len(self._in_flight) < self._plan.window:
                index = self._schedule.next()
                if index is None:
                    break
                refused = self._begin(index)
                if refused is not None:
                    self._schedule.done(index)
                    return refused
            if not self._in_flight:
                return None
            response = self._client.poll()
            task = self._in_flight.pop(response.id, None)
            if task is None:
                continue
            outcome = self._answered(task, response)
            if outcome is not None:
                self._schedule.done(task.index)
                return outcome

    def _begin(self, index: int) -> ExportOutcome | None:
        operation = self._operations[index]
        if not self._client.is_encrypted and _carries_password(operation):
            return _failed(operation, "TLS_REQUIRED", "passwords are only sent encrypted; use ldaps or start_tls")
        name = operation.dn if operation.operation is Operation.CREATE else operation.new_dn
        if name is not None and self._plan.containers is not None and not self._plan.containers.reads(name):
            return _failed(operation, "OUTSIDE_CONTAINERS", f"{name} is in no container that is read; {_NEVER_SEEN}")
        requests = to_requests(operation, self._plan.targets[operation.object_type])
        if isinstance(requests, RowError):
            return _failed(operation, requests.code, f"{requests.message}; {requests.remedy}")
        task = _Task(index=index, operation=operation, waiting=deque(requests), anchor=operation.anchor)
        if not task.waiting:
            return _done(task)
        self._send_next(task)
        return None

    def _send_next(self, task: _Task) -> None:
        request = task.waiting.popleft()
        task.sent = request
        controls: tuple[Control, ...] = ()
        if isinstance(request, Modify):
            controls = _PERMISSIVE
        elif isinstance(request, Add):
            controls = self._on_create[task.operation.object_type]
        # Known to be in flight before it is sent: what a lost connection did with it is unknown.
        marker = -task.index - 1_000_000_000
        self._in_flight[marker] = task
        id_ = self._client.submit(request, controls)
        self._has_sent = True
        self._in_flight[id_] = self._in_flight.pop(marker)

    def _answered(self, task: _Task, response: Response) -> ExportOutcome | None:
        if isinstance(task.sent, ReadBack):
            return self._read_back(task, response)
        if response.code != SUCCESS:
            return self._refused(task, response)
        task.has_changed = True
        if task.operation.operation is Operation.CREATE:
            task.anchor = self._anchor_in(task, response)
            if task.anchor is None and task.sent is not None:
                names = self._shape(task).schema.anchor
                task.waiting.append(ReadBack(dn=task.sent.dn, attributes=names))
        if task.waiting:
            self._send_next(task)
            return None
        is_active_directory = self._plan.targets[task.operation.object_type].is_active_directory
        return replace(_done(task), names_follow=is_active_directory)

    def _read_back(self, task: _Task, response: Response) -> ExportOutcome:
        if response.code == SUCCESS and response.entries:
            task.anchor = anchor_of(response.entries[0][1], self._shape(task))
        if task.anchor is not None:
            return _done(task)
        # It was made, but what it is called for ever is for the next import to say.
        return ExportOutcome(
            row=task.operation.row,
            state=OutcomeState.UNKNOWN,
            code="NO_ANCHOR",
            message="the entry was made, but the account may not read its anchor; give it read access",
        )

    def _refused(self, task: _Task, response: Response) -> ExportOutcome | None:
        target = self._plan.targets[task.operation.object_type]
        if response.code == OBJECT_CLASS_VIOLATION and isinstance(task.sent, Modify) and not task.has_placeholder:
            filled = with_placeholder(task.sent, target)
            if filled is not None:
                task.has_placeholder = True
                task.waiting.appendleft(filled)
                self._send_next(task)
                return None
        known = (*(change.name for change in task.operation.changes), *target.schema.attributes)
        cause = _cause(task.sent, response)
        message = _without_passwords(describe(cause, response.diagnostic, known), task.operation)
        if task.has_changed:
            message = f"carried out in part, then: {message}"
        return _failed(task.operation, cause.code, message, is_retryable=cause.is_retryable)

    def _anchor_in(self, task: _Task, response: Response) -> str | None:
        for control in response.controls:
            if control.oid == POST_READ and control.value:
                return anchor_of(read_entry(control.value), self._shape(task))
        return None

    def _shape(self, task: _Task) -> Shape:
        return self._plan.shapes[task.operation.object_type]

    def _lost(self, error: SystemUnavailable) -> Iterator[ExportOutcome]:
        for task in self._in_flight.values():
            yield ExportOutcome(
                row=task.operation.row,
                state=OutcomeState.UNKNOWN,
                anchor=task.operation.anchor,
                code="NO_ANSWER",
                message=f"sent, but no answer came: {error.message}",
            )
        for index in self._schedule.unsent():
            message = f"not sent: {error.message}"
            yield _failed(self._operations[index], "NOT_SENT", message, is_retryable=True)


def _post_read(shape: Shape, plan: WritePlan) -> tuple[Control, ...]:
    if not plan.has_post_read:
        return ()
    return (Control(oid=POST_READ, value=attribute_selection(shape.schema.anchor)),)


def _references(plan: WritePlan) -> frozenset[str]:
    return frozenset(
        name.lower()
        for target in plan.targets.values()
        for name, attribute in target.schema.attributes.items()
        if attribute.type is ValueType.REFERENCE
    )


def _cause(sent: Request | ReadBack | None, response: Response) -> Cause:
    named = cause_named(response.diagnostic)
    if named is not None:
        return named
    is_about_parent = isinstance(sent, Add) or "superior" in response.diagnostic
    if response.code == NO_SUCH_OBJECT and is_about_parent:
        return PARENT_MISSING
    return cause_of(response.code)


def _done(task: _Task) -> ExportOutcome:
    return ExportOutcome(row=task.operation.row, state=OutcomeState.DONE, anchor=task.anchor)


def _failed(operation: ExportOperation, code: str, message: str, *, is_retryable: bool = False) -> ExportOutcome:
    return ExportOutcome(
        row=operation.row,
        state=OutcomeState.FAILED,
        anchor=operation.anchor,
        code=code,
        message=message,
        is_retryable=is_retryable,
    )


def _carries_password(operation: ExportOperation) -> bool:
    return any(change.name.lower() in PASSWORDS for change in operation.changes)


def _without_passwords(message: str, operation: ExportOperation) -> str:
    for change in operation.changes:
        if change.name.lower() in PASSWORDS:
            for value in (*change.added, *change.removed, *(change.after or ())):
                message = message.replace(value, "***")
    return message
