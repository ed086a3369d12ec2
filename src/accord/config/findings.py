"""What reading a configuration found: errors that stop it and warnings, all collected before any is reported."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches

from accord.model.errors import ConfigError, ConfigErrors


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigWarning:
    """Something declared that has no effect, or an effect the administrator may not expect."""

    message: str
    place: str
    remedy: str = ""

    def __str__(self) -> str:
        """Return place, message and remedy as one text."""
        return f"{self.place}: {self.message}" + (f"\n  remedy: {self.remedy}" if self.remedy else "")


@dataclass(slots=True)
class Findings:
    """Errors and warnings as they are found; reported in the order of file and line."""

    errors: list[ConfigError] = field(default_factory=list)
    warnings: list[ConfigWarning] = field(default_factory=list)

    def error(self, message: str, *, place: str, remedy: str) -> None:
        """Note an error."""
        self.errors.append(ConfigError(message, place=place, remedy=remedy))

    def warn(self, message: str, *, place: str, remedy: str) -> None:
        """Note a warning."""
        self.warnings.append(ConfigWarning(message=message, place=place, remedy=remedy))

    def raise_errors(self) -> None:
        """Raise ConfigErrors when there is any error."""
        if self.errors:
            raise ConfigErrors(sorted(self.errors, key=lambda e: place_key(e.place)))

    def sorted_warnings(self) -> tuple[ConfigWarning, ...]:
        """Return the warnings in the order of file and line."""
        return tuple(sorted(self.warnings, key=lambda w: (place_key(w.place), w.message)))


def place_key(place: str) -> tuple[str, int]:
    """Return what sorts places by file, then by line as a number."""
    file, _, line = place.rpartition(":")
    return (file, int(line)) if line.isdecimal() else (place, 0)


def suggest(given: str, known: Iterable[str]) -> str:
    """Return a remedy for an unknown name: the closest known one, else the list of them."""
    names = sorted(set(known))
    if not names:
        return "declare it first: there is none yet"
    by_lower = {name.lower(): name for name in names}
    close = get_close_matches(given.lower(), list(by_lower), n=1, cutoff=0.6)
    if close:
        return f"did you mean {by_lower[close[0]]!r}?"
    shown = ", ".join(names[:_SHOWN])
    return f"use one of: {shown}" + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")


_SHOWN = 12
