"""Reading what changed since a watermark: by a column that grows with every change, or by a table of changes.

A watermark is the highest position seen, per object type. It is taken before the rows are read, so that what
happens meanwhile comes again rather than never.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

import pyarrow as pa

from accord.connectors.base import ChangeBatch, ReadScope
from accord.connectors.sql.canonical import canonical
from accord.connectors.sql.database import Database, Stream
from accord.connectors.sql.locate import ChangeSource, Source
from accord.connectors.sql.reading import Read, plan_read
from accord.connectors.sql.settings import SqlSettings
from accord.model.errors import SystemRefused, WatermarkLost

Positions = Mapping[str, str | None]
"""The highest position by object type; None before the first change."""

_TIMESTAMP = re.compile(r"(\d{4}-\d\d-\d\d)([ T])(\d\d:\d\d:\d\d)(\.\d{1,6})?(Z|[+-]\d\d(?::?\d\d)?)?")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def take_watermark(database: Database, settings: SqlSettings, sources: Mapping[str, Source]) -> str:
    """Return the watermark of now; raise SystemRefused when an object type does not say how its changes show."""
    without = [name for name, source in sources.items() if source.changes is None]
    if without or not sources:
        names = ", ".join(without) or "any object type"
        raise SystemRefused(
            f"the settings do not say how to find what changed in {names}",
            place=settings.place,
            remedy="give each object type in `settings.objects` `changes: {column: ...}` (a number or timestamp that "
            "grows with every change) or `changes: {log: ..., anchor: ..., sequence: ...}`",
        )
    with database.reading(1) as stream:
        return _text(settings, {name: _position(database, source, stream) for name, source in sources.items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRead:
    """One reading of changes. `sources` are those of the settings and of the scope."""

    database: Database
    settings: SqlSettings
    sources: Mapping[str, Source]
    since: str

    def batches(self, scope: ReadScope) -> Iterator[ChangeBatch]:
        """Yield rows as they come, what is gone at the end of each type; only the last batch moves the watermark."""
        known = self._known(scope)
        reads = {
            name: plan_read(self.database, self.sources[name], schema) for name, schema in scope.object_types.items()
        }
        last = list(reads)[-1:]
        with self.database.reading(scope.page_rows) as stream:
            positions = {name: _position(self.database, self.sources[name], stream) for name in known}
            after = _text(self.settings, positions)
            for name, read in reads.items():
                watermark = after if [name] == last else self.since
                yield from self._of_type(stream, read, (known[name], positions[name]), watermark)

    def _known(self, scope: ReadScope) -> Positions:
        try:
            found = json.loads(self.since)
            scope_is_ours = found["kind"] == "sql" and found["scope"] == _fingerprint(self.settings)
            known = {str(k): None if v is None else _checked(str(v)) for k, v in found["positions"].items()}
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise self._lost("the watermark is not one of this connector") from error
        if not scope_is_ours:
            raise self._lost("the settings of the system have changed since the watermark")
        strange = [name for name in scope.object_types if name not in known or self.sources[name].changes is None]
        if strange:
            raise self._lost(f"the watermark knows nothing of {', '.join(strange)}")
        return known

    def _of_type(
        self, stream: Stream, read: Read, between: tuple[str | None, str | None], watermark: str
    ) -> Iterator[ChangeBatch]:
        source = read.source
        changes = source.changes
        if changes is None:
            raise self._lost(f"{source.object_type} does not say how its changes show")
        removed: tuple[str, ...] = ()
        if changes.anchor is None:
            where = _after(f"t.{self.database.quote(changes.position.name)}", between[0], changes)
        else:
            self._check_log(stream, changes, between[0])
            log = _Log(self.database, read, changes, self._lost)
            where = log.names_it(between[0])
            removed = log.removed(stream, between[0])
        sql = f"{read.sql} where {where}"
        empty = None
        for rows in stream(sql):
            batch = read.batch(rows)
            empty = batch.rows.slice(0, 0)
            if rows.num_rows:
                yield ChangeBatch(
                    object_type=source.object_type, rows=batch.rows, errors=batch.errors, watermark=self.since
                )
        rows = empty if empty is not None else _no_rows(read)
        yield ChangeBatch(object_type=source.object_type, rows=rows, removed=removed, watermark=watermark)

    def _check_log(self, stream: Stream, changes: ChangeSource, since: str | None) -> None:
        """Raise WatermarkLost when the log was cut or begun anew: it must still hold the row of the watermark."""
        if since is None:
            return
        position = self.database.quote(changes.position.name)
        found = _values(stream(f"select count(*) as c0 from {changes.source} l where l.{position} = {_literal(since)}"))
        if not int(str(found[0])):
            raise self._lost(f"the change log no longer has the entry {since}")

    def _lost(self, message: str) -> WatermarkLost:
        return WatermarkLost(message, place=self.settings.place, remedy="run a full import")


@dataclass(frozen=True, slots=True)
class _Log:
    """The part of a change log after a watermark."""

    database: Database
    read: Read
    changes: ChangeSource
    lost: Callable[[str], WatermarkLost]

    def names_it(self, since: str | None) -> str:
        """Return the condition that the log names the object."""
        return f"t.{self._key} in (select l.{self._anchor} from {self.changes.source} l where {self._after(since)})"

    def removed(self, stream: Stream, since: str | None) -> tuple[str, ...]:
        """Return the anchors that the log names and that no row has now."""
        key = self.read.key[0]
        named = self.changes.anchor or key
        text = self.database.as_text(f"l.{self._anchor}", named)
        sql = (
            f"select distinct {text} as c0 from {self.changes.source} l where {self._after(since)} and not exists "
            f"(select 1 from {self.read.source.relation.source} t where t.{self._key} = l.{self._anchor})"
        )
        batches = (canonical(rows.column(0), key.type) for rows in stream(sql))
        return tuple(anchor for batch in batches for anchor in batch.to_pylist() if anchor is not None)

    def _after(self, since: str | None) -> str:
        return _after(f"l.{self.database.quote(self.changes.position.name)}", since, self.changes)

    @property
    def _anchor(self) -> str:
        return self.database.quote(self.changes.anchor.name if self.changes.anchor else "")

    @property
    def _key(self) -> str:
        if len(self.read.key) != 1:
            raise self.lost("a change log names objects by an anchor of one column, and this anchor has several")
        return self.database.quote(self.read.key[0].name)


def _position(database: Database, source: Source, stream: Stream) -> str | None:
    changes = source.changes
    if changes is None:
        return None
    highest = database.as_text(f"max(t.{database.quote(changes.position.name)})", changes.position)
    found = _values(stream(f"select {highest} as c0 from {changes.source or source.relation.source} t"))
    value = found[0] if found else None
    if value is None:
        return None
    try:
        return _checked(str(value))
    except ValueError as error:
        raise SystemRefused(
            f"column {changes.position.name!r} is neither a number nor a timestamp",
            place=f"{source.place}: {source.relation.title}",
            remedy="name a column in `changes` that grows with every change, like 17 or 2024-01-31 12:00:00",
        ) from error


def _after(position: str, since: str | None, changes: ChangeSource) -> str:
    if since is None:
        return "1 = 1"
    # A log without overlap is exact; a column may have more rows with the value of the watermark.
    relation = ">" if changes.anchor is not None and not changes.overlap else ">="
    return f"{position} {relation} {_literal(_earlier(since, changes.overlap))}"


def _earlier(value: str, overlap: int) -> str:
    """Return the position `overlap` before, written the same way, because some databases compare texts."""
    found = _TIMESTAMP.fullmatch(value)
    if found is None:
        return str(Decimal(value) - overlap)
    day, separator, time, fraction, zone = found.groups()
    moment = datetime.fromisoformat(f"{day}T{time}") - timedelta(seconds=overlap)
    return f"{moment:%Y-%m-%d}{separator}{moment:%H:%M:%S}{fraction or ''}{zone or ''}"


def _checked(value: str) -> str:
    """Return a position that may stand in a statement as it is; ValueError when it may not."""
    if _TIMESTAMP.fullmatch(value):
        datetime.fromisoformat(value[:10])
        return value
    if not _NUMBER.fullmatch(value):
        raise ValueError("neither a number nor a timestamp")
    try:
        Decimal(value)
    except InvalidOperation as error:
        raise ValueError("not a number") from error
    return value


def _literal(value: str) -> str:
    return f"'{value}'" if _TIMESTAMP.fullmatch(value) else value


def _values(batches: Iterator[pa.RecordBatch]) -> list[object]:
    return [value for batch in batches for value in batch.column(0).to_pylist()]


def _no_rows(read: Read) -> pa.RecordBatch:
    nothing = [pa.array([], pa.string())] * (len(read.key) + len(read.attributes))
    for n, (name, _) in enumerate(read.attributes, start=len(read.key)):
        if name in read.source.relation.by_name and read.source.relation.by_name[name].is_array:
            nothing[n] = pa.array([], pa.list_(pa.string()))
    return read.batch(pa.RecordBatch.from_arrays(nothing, names=[f"c{n}" for n in range(len(nothing))])).rows


def _fingerprint(settings: SqlSettings) -> str:
    objects = {name: source.model_dump(mode="json") for name, source in settings.objects.items()}
    said = json.dumps([settings.place, settings.schema_name, objects], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _text(settings: SqlSettings, positions: Positions) -> str:
    return json.dumps({"kind": "sql", "scope": _fingerprint(settings), "positions": dict(positions)})
