"""What the directory should hold, worked out from the people alone: no rule, no engine, no Accord."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from demo.people import DEPARTMENTS, Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """What a target holds: users by employee number, and the numbers of each group's members."""

    users: dict[str, dict[str, str]] = field(default_factory=dict)
    groups: dict[str, frozenset[str]] = field(default_factory=dict)

    def problems(self, wanted: "Holdings") -> list[str]:
        """Return every way in which this is not what was wanted, in words."""
        found = [f"user {n} is missing" for n in sorted(wanted.users.keys() - self.users.keys())]
        found += [f"user {n} should not be there" for n in sorted(self.users.keys() - wanted.users.keys())]
        for number in sorted(wanted.users.keys() & self.users.keys()):
            for name, value in wanted.users[number].items():
                if self.users[number].get(name, "") != value:
                    found.append(f"{number} has {name} {self.users[number].get(name)!r} instead of {value!r}")
        for group in sorted(wanted.groups.keys() | self.groups.keys()):
            if wanted.groups.get(group) != self.groups.get(group):
                found.append(f"group {group} has other members than it should")
        logins = Counter(u.get("account", "").lower() for u in self.users.values())
        found += [f"login {login!r} was given {n} times" for login, n in logins.items() if n > 1 or not login]
        return found


def expect(everyone: list[Person]) -> Holdings:
    """Return the users and groups that should be there: readable, unique, active people and their departments."""
    numbers = Counter(p.number for p in everyone)
    good = [p for p in everyone if numbers[p.number] == 1 and isinstance(p.hired, date)]
    active = {p.number: p for p in good if p.status == "active"}
    users = {
        p.number: {
            "name": f"{p.first} {p.last}",
            "title": p.title,
            "department": p.department,
            "manager": p.manager if p.manager in active else "",
        }
        for p in active.values()
    }
    groups = {
        name: frozenset(n for n, p in active.items() if p.department == code) for code, name in DEPARTMENTS.items()
    }
    return Holdings(users=users, groups=groups)
