"""People and groups as large organisations have them: a few groups hold everybody, thousands hold a dozen.

The shape is that of 500,000 people and 24,997 groups with 3.65 million memberships; fewer people have fewer groups in
proportion, and no group holds more than half of them that is not meant to.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

_FULL = 500_000
_SHARES = {
    "staff": (2, (100.0, 80.0)),
    "division": (15, (25, 20, 18, 15, 12, 10, 8, 7, 6, 5)),
    "location": (30, (10, 8, 6, 5, 4, 3, 2.5, 2, 1.5, 1.2, 1, 0.8, 0.6, 0.4, 0.2)),
}
_SIZES = {
    "department": (250, (3000, 2500, 2000, 1500, 1200, 1000, 800, 600, 500, 400, 300, 250, 200)),
    "application": (1_500, (300, 200, 150, 100, 80, 60, 50, 40, 30, 25, 20, 15, 10)),
    "project": (16_000, (30, 25, 20, 18, 15, 12, 10, 8, 7, 6, 5, 8, 10, 50, 5)),
    "list": (5_000, (150, 120, 100, 80, 60, 50, 40, 30, 25, 20, 15, 12, 10)),
    "role": (2_200, (500, 300, 200, 150, 100, 80, 60, 50, 40, 30, 25, 20)),
}
_TITLES = ("Engineer", "Manager", "Analyst", "Director", "Clerk", "Nurse", "Teacher", "Buyer", "Driver", "Cook")


@dataclass(kw_only=True)
class Person:
    """One person; `ends` is the last day, as text, empty for no end."""

    uid: str
    first: str
    last: str
    title: str
    department: str
    ends: str = ""


@dataclass(kw_only=True)
class Group:
    """One group with the uids of its members."""

    name: str
    kind: str
    description: str
    members: set[str] = field(default_factory=set)


def make_people(count: int) -> dict[str, Person]:
    """Return so many people by uid."""
    return {
        person.uid: person
        for person in (
            Person(
                uid=f"u{n:06d}",
                first=f"Ann{n % 1999}",
                last=f"Lee{n * 97 % 499}",
                title=_TITLES[n % len(_TITLES)],
                department=str(n % 12),
            )
            for n in range(count)
        )
    }


def make_groups(people: int) -> dict[str, Group]:
    """Return the groups of so many people by name; who is in which is the same every time."""
    groups = {}
    for position, (kind, number, size) in enumerate(_shape(people)):
        start = position * 7_919
        members = {f"u{(start + k) % people:06d}" for k in range(size)}
        name = f"{kind}-{number:05d}"
        groups[name] = Group(name=name, kind=kind, description=f"{kind} number {number}", members=members)
    return groups


def _shape(people: int) -> Iterator[tuple[str, int, int]]:
    """Yield (kind, number, members) of every group."""
    for kind, (count, shares) in _SHARES.items():
        for number in range(count if kind == "staff" else _scaled(count, people)):
            yield kind, number, max(int(people * shares[number % len(shares)] / 100), 1)
    for kind, (count, sizes) in _SIZES.items():
        for number in range(_scaled(count, people)):
            yield kind, number, min(sizes[number % len(sizes)], max(people // 2, 1))


def _scaled(count: int, people: int) -> int:
    return max(round(count * people / _FULL), 2)
