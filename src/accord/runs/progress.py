"""How a run tells what it is doing."""

from typing import Protocol


class Progress(Protocol):
    """Hears of phases and counts; called often, so it must be cheap and may throttle."""

    def phase(self, name: str, total: int | None = None) -> None:
        """Begin a phase; `total` is how many objects it has, None when that is not known."""

    def advance(self, count: int) -> None:
        """Count objects of the present phase."""


class Silent:
    """Progress that nobody watches."""

    def phase(self, name: str, total: int | None = None) -> None:
        """Say nothing."""

    def advance(self, count: int) -> None:
        """Say nothing."""
