"""The steps that random worlds go through."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from accord.model.rules import RuleSet
from oracle.state import Decision
from properties.rule_sets import KEYS, LETTERS, NUMBERS, SOURCES, TARGETS, rule_sets
from properties.systems import Entry
from properties.world import World

_letters = st.sampled_from(("", *LETTERS))
_ROWS = st.fixed_dictionaries(
    {
        "code": st.sampled_from(("", *KEYS)), "a": _letters, "b": st.one_of(_letters, st.sampled_from(NUMBERS)),
        "n": st.sampled_from(("", *NUMBERS)), "tags": st.sets(st.sampled_from(("x", "X", "y")), max_size=2),
        "ref": st.sets(st.sampled_from(KEYS), max_size=2),
    }
)  # fmt: skip
_USERS = st.fixed_dictionaries(
    {
        "uid": st.sampled_from(("", "x", "k1", "k2", "x2")), "sn": _letters, "level": st.sampled_from(("", "1", "2")),
        "labels": st.sets(st.sampled_from(("x", "X", "y")), max_size=2),
        "boss": st.sampled_from(("", "cn=k1", "CN=k2", "k1", "cn=nobody")),
        "name": st.sampled_from(("k1", "k2", "x", "Y", "other")), "type": st.sampled_from(("user", "user", "box")),
    }
)  # fmt: skip


WORLDS = st.fixed_dictionaries({s: st.dictionaries(st.sampled_from(KEYS), _ROWS, min_size=3) for s in SOURCES})


_PLACES = st.tuples(st.sampled_from(SOURCES), st.sampled_from(KEYS))
EDITS = st.dictionaries(_PLACES, _ROWS, min_size=1, max_size=6)

Row = dict[str, Any]


class Steps(RuleBasedStateMachine):
    """Random rules, systems and steps; each synchronisation must be the same by engine and oracle."""

    world: World

    @initialize(rules=rule_sets(), rows=WORLDS)
    def begin(self, rules: RuleSet, rows: dict[str, dict[str, Row]]) -> None:
        self.world = filled(World(rules), rows)
        self.sync()

    @rule(rows=EDITS)
    def edit_sources(self, rows: dict[tuple[str, str], Row]) -> None:
        for (system, code), row in rows.items():
            put_row(self.world, system, code, row)
        for system in SOURCES:
            self.world.read(system)
        self.sync()

    @rule(gone=st.lists(_PLACES, min_size=1, max_size=5))
    def remove_rows(self, gone: list[tuple[str, str]]) -> None:
        for system, key in gone:
            self.world.systems[system].pop(key, None)
            self.world.read(system)
        self.sync()

    @rule(place=st.sampled_from(TARGETS), user=_USERS, anchor=st.sampled_from(("u1", "k1", "x")))
    def edit_target(self, place: str, user: Row, anchor: str) -> None:
        has_dn = place == "named"
        entry = Entry(type=user["type"] if has_dn else "user", dn=f"cn={user['name']}" if has_dn else None)
        entries = self.world.systems[place]
        if has_dn and any((e.dn or "").lower() == (entry.dn or "").lower() for a, e in entries.items() if a != anchor):
            return
        known = entries.get(anchor)
        if known is not None and known.type != entry.type:
            return
        entry.values = _values(user, ("uid", "sn", "level", "labels"))
        if user["boss"]:
            entry.references["boss"] = {user["boss"]}
        self.world.put(place, anchor, entry)
        self.world.read(place)

    @rule(place=st.sampled_from(TARGETS), number=st.integers(0, 5))
    def remove_account(self, place: str, number: int) -> None:
        entries = self.world.systems[place]
        if entries:
            del entries[sorted(entries)[number % len(entries)]]
            self.world.read(place)

    @rule(
        kind=st.sampled_from(("join", "join", "split", "never")),
        numbers=st.tuples(st.integers(0, 9), st.integers(0, 9)),
        is_own=st.booleans(),
    )  # fmt: skip
    def decide(self, kind: str, numbers: tuple[int, int], is_own: bool) -> None:
        """Decide about an object and an identity, its own one or any; now and then about one that is gone."""
        state = self.world.state
        objects = [o for o, staged in sorted(state.objects.items()) if not staged.is_planned]
        identities = [*sorted(state.identities), 10_000]
        if not objects:
            return
        object_id = objects[numbers[0] * 7 % len(objects)]
        link = state.links.get(object_id)
        own = link.identity_id if is_own and link is not None else identities[numbers[1] * 3 % len(identities)]
        self.world.decide_by_hand(Decision(object_id, own, kind))
        self.sync()

    @rule()
    def sync(self) -> None:
        self.world.sync()

    @rule(outcomes=st.lists(st.sampled_from(("done", "done", "done", "refused", "silent")), min_size=1, max_size=4))
    def export(self, outcomes: list[str]) -> None:
        for target in TARGETS:
            self.world.export(target, outcomes)

    @rule()
    def confirm(self) -> None:
        for target in TARGETS:
            self.world.read(target)

    @rule()
    def cycle(self) -> None:
        self.world.sync()
        for target in TARGETS:
            self.world.export(target, ["done"])
            self.world.read(target)

    @rule(days=st.integers(1, 3))
    def pass_days(self, days: int) -> None:
        self.world.pass_days(days)

    @rule(rules=rule_sets())
    def change_rules(self, rules: RuleSet) -> None:
        self.world.set_rules(rules)

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.sync()


def filled(world: World, rows: dict[str, dict[str, Row]]) -> World:
    """Return the world with these rows in its sources, all read."""
    for system, by_code in rows.items():
        for code, row in by_code.items():
            put_row(world, system, code, row)
        world.read(system)
    return world


def put_row(world: World, system: str, code: str, row: Row) -> None:
    """Put a row into a source; one that says no code has the one it is found by."""
    row = {**row, "code": row["code"] or code}
    entry = Entry(type="row", values=_values(row, ("code", "a", "b", "n", "tags")))
    if row["ref"]:
        entry.references["ref"] = set(row["ref"])
    world.put(system, code, entry)


def _values(row: Row, names: tuple[str, ...]) -> Row:
    found = {}
    for name in names:
        value = row[name]
        if value:
            found[name] = tuple(sorted(value)) if isinstance(value, set) else value
    return found
