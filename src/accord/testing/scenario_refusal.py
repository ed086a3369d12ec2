"""Writes that fail on demand, so that a scenario can tell what comes of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from accord.connectors.base import (
    ConnectionReport,
    Connector,
    ExportOperation,
    ExportOutcome,
    OutcomeState,
    ReadBatch,
    ReadScope,
)
from accord.model.errors import ConfigError, SystemUnavailable
from accord.model.schema import SystemSchema
from accord.testing.scenario_given import refuse_unknown

_KEYS = {"operation", "outcome", "code", "objects"}
_OUTCOMES = ("retry", "failed", "unknown", "away")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What goes wrong in the next export: which operations (and, if named, objects), and how."""

    operation: str
    outcome: str
    code: str
    objects: tuple[str, ...]

    def meets(self, operation: ExportOperation) -> bool:
        """Tell whether the operation is one of those."""
        is_named = not self.objects or operation.anchor in self.objects
        return is_named and self.operation in ("any", operation.operation.value)

    def outcome_of(self, row: int) -> ExportOutcome:
        """Return the answer that the product gets."""
        state = OutcomeState.UNKNOWN if self.outcome == "unknown" else OutcomeState.FAILED
        return ExportOutcome(
            row=row, state=state, code=self.code, message="refused", is_retryable=self.outcome == "retry"
        )


class RefusingConnector:
    """A connector of which some writes fail; all else is the connector's."""

    def __init__(self, connector: Connector, refusal: Refusal) -> None:
        self._connector = connector
        self._refusal = refusal

    def test(self) -> ConnectionReport:
        """Return what the connector says."""
        return self._connector.test()

    def discover(self) -> SystemSchema:
        """Return what the connector finds."""
        return self._connector.discover()

    def read(self, scope: ReadScope) -> Iterator[ReadBatch]:
        """Yield what the connector reads."""
        return self._connector.read(scope)

    def write(self, operations: Sequence[ExportOperation], scope: ReadScope) -> Iterator[ExportOutcome]:
        """Refuse the operations meant; where the answer is lost, they are carried out all the same."""
        met = {o.row for o in operations if self._refusal.meets(o)}
        if met and self._refusal.outcome == "away":
            raise SystemUnavailable("the system went away", remedy="try again")
        is_done = self._refusal.outcome == "unknown"
        passed = [o for o in operations if is_done or o.row not in met]
        for outcome in self._connector.write(passed, scope):
            if outcome.row not in met:
                yield outcome
        yield from (self._refusal.outcome_of(row) for row in sorted(met))

    def close(self) -> None:
        """Close the connector."""
        self._connector.close()


def read_refusal(system: str, meant: Any) -> Refusal:
    """Return what `refuse` means for a system: an operation, or a mapping of operation, outcome, code, objects."""
    how = meant if isinstance(meant, dict) else {"operation": meant}
    refuse_unknown(how, _KEYS, f"refuse.{system}")
    outcome = how.get("outcome", "retry")
    if outcome not in _OUTCOMES:
        raise ConfigError(
            f"unknown outcome {outcome!r}", place=f"refuse.{system}", remedy=f"use one of: {', '.join(_OUTCOMES)}"
        )
    return Refusal(
        operation=how.get("operation", "any"),
        outcome=outcome,
        code=how.get("code", "BUSY"),
        objects=tuple(str(name) for name in how.get("objects", ())),
    )
