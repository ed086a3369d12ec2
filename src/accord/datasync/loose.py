"""JSON as clients send it: keys in any casing, numbers and booleans as texts, fields nobody knows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from accord.model.errors import Invalid

_TRUE = frozenset({"true", "1", "yes"})
_FALSE = frozenset({"false", "0", "no", ""})


@dataclass(frozen=True, slots=True)
class Loose:
    """One JSON object with its place in the body; reading never changes it."""

    content: Mapping[str, object]
    place: str = ""

    def raw(self, key: str) -> object:
        """Return the value of a key in any casing, None when it is not there; the exact spelling goes first."""
        if key in self.content:
            return self.content[key]
        folded = key.casefold()
        return next((value for name, value in self.content.items() if name.casefold() == folded), None)

    def text(self, key: str, default: str = "") -> str:
        """Return a text; numbers and booleans count as what they look like, null as the default."""
        value = self.raw(key)
        if value is None:
            return default
        if isinstance(value, bool):
            return "True" if value else "False"
        if isinstance(value, str | int | float):
            return str(value)
        raise wrong(self.at(key), "must be a text")

    def number(self, key: str, default: int = 0) -> int:
        """Return a whole number, also one written as text."""
        text = self.text(key).strip()
        if not text:
            return default
        try:
            return int(text)
        except ValueError:
            raise wrong(self.at(key), "must be a whole number") from None

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Return a boolean, also one written as text."""
        value = self.raw(key)
        if value is None:
            return default
        text = str(value).strip().casefold()
        if text not in _TRUE | _FALSE:
            raise wrong(self.at(key), "must be true or false")
        return text in _TRUE

    def one(self, key: str) -> "Loose":
        """Return the object under a key, empty when there is none."""
        value = self.raw(key)
        if value is None:
            return Loose({}, self.at(key))
        if not isinstance(value, Mapping):
            raise wrong(self.at(key), "must be an object")
        return Loose(value, self.at(key))

    def many(self, key: str) -> Iterator["Loose"]:
        """Yield the objects of a list, in order; nothing when there is none."""
        value = self.raw(key)
        if value is None:
            return
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise wrong(self.at(key), "must be a list")
        for position, item in enumerate(value):
            place = f"{self.at(key)}[{position}]"
            if not isinstance(item, Mapping):
                raise wrong(place, "must be an object")
            yield Loose(item, place)

    def at(self, key: str) -> str:
        """Return the place of a key in the body."""
        return f"{self.place}.{key}" if self.place else key


def wrong(place: str, message: str, remedy: str = "") -> Invalid:
    """Return the error that one field of a body is wrong."""
    said = f"{message}; {remedy}" if remedy else message
    return Invalid(f"{place}: {message}", fields={place: (said,)}, remedy=remedy)
