"""Plans as rows: frames as compressed Arrow streams, small values as JSON, and the digest over all of it."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

import pyarrow as pa

from accord.model.errors import RowError
from accord.model.frames import Frame
from accord.model.plan import Breach, Count, ImportPlan, SyncPlan, Verdict

_PART_ROWS = 65_536
_CODEC = pa.Codec("zstd", compression_level=3)
_ERRORS = pa.schema([(field.name, pa.string()) for field in fields(RowError)])
_FACTS = pa.schema([("name", pa.string()), ("value", pa.string())])

PARTS = pa.schema([("name", pa.string()), ("part", pa.int64()), ("data", pa.binary())])


class Digest:
    """A fingerprint of everything fed to it, in order."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def feed(self, name: str, part: int, stream: bytes | memoryview) -> None:
        """Add one part of a frame."""
        self._hash.update(f"{name}\0{part}\0{len(stream)}\0".encode())
        self._hash.update(stream)

    def text(self) -> str:
        """Return the fingerprint."""
        return self._hash.hexdigest()


def plan_tables(plan: SyncPlan | ImportPlan) -> Mapping[str, pa.Table]:
    """Return everything a plan holds as tables by name."""
    if isinstance(plan, SyncPlan):
        return {name: frame.table for name, frame in plan.frames().items()}
    tables = {f.name: getattr(plan, f.name).table for f in fields(plan) if isinstance(getattr(plan, f.name), Frame)}
    facts = {"system": plan.system, "unchanged": str(plan.unchanged), "read": str(plan.read)}
    facts["is_complete"] = str(plan.is_complete)
    tables["facts"] = pa.table({"name": list(facts), "value": list(facts.values())}, schema=_FACTS)
    tables["errors"] = pa.Table.from_pylist([asdict(error) for error in plan.errors], schema=_ERRORS)
    return tables


def sync_plan(tables: Mapping[str, pa.Table]) -> SyncPlan:
    """Return the plan that `plan_tables` took apart."""
    empty = SyncPlan().frames()
    frames: dict[str, Any] = {name: type(empty[name])(table) for name, table in tables.items()}
    return SyncPlan(**frames)


def import_plan(tables: Mapping[str, pa.Table]) -> ImportPlan:
    """Return the plan that `plan_tables` took apart."""
    facts = dict(zip(*tables["facts"].to_pydict().values(), strict=True))
    frames: dict[str, Any] = {
        field.name: field.type(tables[field.name])
        for field in fields(ImportPlan)
        if isinstance(field.type, type) and issubclass(field.type, Frame) and field.name in tables
    }
    return ImportPlan(
        **frames,
        system=facts["system"],
        is_complete=facts.get("is_complete", "True") == "True",
        unchanged=int(facts["unchanged"]),
        read=int(facts["read"]),
        errors=tuple(RowError(**row) for row in tables["errors"].to_pylist()),
    )


def encode(name: str, table: pa.Table, digest: Digest) -> Iterator[tuple[int, bytes]]:
    """Yield the parts of a table, at least one; `digest` gets them before compression."""
    starts = range(0, max(table.num_rows, 1), _PART_ROWS)
    for part, start in enumerate(starts):
        piece = table.slice(start, _PART_ROWS).combine_chunks()
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, piece.schema) as writer:
            writer.write_table(piece)
        stream = sink.getvalue()
        digest.feed(name, part, memoryview(stream))
        yield part, len(stream).to_bytes(8, "little") + _CODEC.compress(stream, asbytes=True)


def decode(name: str, part: int, data: bytes, digest: Digest) -> pa.Table:
    """Return one part as a table."""
    stream = _CODEC.decompress(data[8:], decompressed_size=int.from_bytes(data[:8], "little"))
    digest.feed(name, part, memoryview(stream))
    with pa.ipc.open_stream(stream) as reader:
        return reader.read_all()


def counts_to_json(counts: Sequence[Count]) -> str:
    """Return counts as JSON text."""
    return json.dumps([asdict(count) for count in counts], ensure_ascii=False)


def counts_from_json(text: str) -> tuple[Count, ...]:
    """Return counts from JSON text."""
    return tuple(Count(**entry) for entry in json.loads(text))


def verdict_to_json(verdict: Verdict) -> str:
    """Return a verdict as JSON text."""
    return json.dumps([asdict(breach) for breach in verdict.breaches], ensure_ascii=False)


def verdict_from_json(text: str) -> Verdict:
    """Return a verdict from JSON text."""
    return Verdict(breaches=tuple(Breach(**entry) for entry in json.loads(text)))
