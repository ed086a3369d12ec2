"""A world in small: systems, stored state and time, moved by random steps, synchronised twice over."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from accord.model.plan import SyncPlan
from accord.model.rules import RuleSet
from accord.sync.compiling import CompiledRules, compile_rules
from oracle import Decided, Problem, State, synchronise
from oracle.state import Decision, Review
from properties.rule_sets import SYSTEMS
from properties.stored import commit, plan_of
from properties.systems import Entry, System, send, take_in

START = datetime(2026, 1, 1, tzinfo=UTC)


class World:
    """Everything there is at one time."""

    def __init__(self, rules: RuleSet) -> None:
        self.now = START
        self.state = State()
        self.systems: dict[str, System] = {name: {} for name in SYSTEMS}
        self.set_rules(rules)

    def set_rules(self, rules: RuleSet) -> None:
        """Let other rules hold from now on."""
        self.rules = rules
        self.compiled: CompiledRules = compile_rules(rules)

    def pass_days(self, days: int) -> None:
        """Let time go by."""
        self.now += timedelta(days=days)

    def put(self, system: str, anchor: str, entry: Entry) -> None:
        """Make or replace an object of a system."""
        self.systems[system][anchor] = entry

    def decide_by_hand(self, decision: Decision) -> None:
        """Let a person decide; what was decided before about the same is replaced."""
        self.state.decisions = {d for d in self.state.decisions if not _replaces(decision, d)} | {decision}

    def read(self, system: str) -> None:
        """Import a system."""
        self.state = take_in(self.state, system, self.systems[system])

    def export(self, system: str, outcomes: list[str]) -> None:
        """Send what waits for a system; outcomes repeat."""
        answers = iter(outcomes * 100)
        self.state = send(self.state, system, self.systems[system], self.rules, lambda _: next(answers))

    def decide(self) -> Decided:
        """Return what the oracle decides."""
        return synchronise(self.state, self.rules, now=int(self.now.timestamp() * 1_000_000))

    def plan(self) -> SyncPlan:
        """Return what the engine plans."""
        return plan_of(self.state, self.compiled, self.now)

    def sync(self) -> SyncPlan:
        """Synchronise with both, insist on the same, and keep it."""
        decided, plan = self.decide(), self.plan()
        after = commit(self.state, plan)
        found = differences(self.state, decided, plan, after)
        assert not found, "\n".join(found)
        self.state = after
        self.state.decisions = {d for d in after.decisions if d.kind != "split"}
        return plan


def _replaces(new: Decision, old: Decision) -> bool:
    is_same_pair = (new.object_id, new.identity_id) == (old.object_id, old.identity_id)
    return is_same_pair or (new.object_id == old.object_id and "never" not in (new.kind, old.kind))


def differences(before: State, decided: Decided, plan: SyncPlan, after: State) -> list[str]:
    """Return in words what engine and oracle do not agree about."""
    ids = _same_ids(before, decided, after)
    found: list[str] = []
    _compare(found, "identity", {i: (m.type, dict(m.values), m.gone_since) for i, m in decided.identities.items()},
             {i: (m.type, dict(m.values), m.gone_since) for i, m in after.identities.items()})  # fmt: skip
    _compare(found, "link", {ids[o]: link for o, link in decided.links.items()}, after.links)
    _compare(found, "object", {ids[o]: s for o, s in decided.objects.items()}, after.objects)
    _compare(found, "reference", _counted(decided.identity_edges), _counted(after.identity_edges))
    _compare(
        found,
        "pending export",
        {ids[o]: _content(p) for o, p in decided.pending.items()},
        {o: _content(p) for o, p in after.pending.items()},
    )
    wanted = {
        e._replace(object_id=ids[e.object_id], dst_object=ids.get(e.dst_object or 0, e.dst_object))
        for e in decided.pending_edges
    }
    _compare(found, "pending reference", _counted(wanted), _counted(after.pending_edges))
    put = set(plan.pending_put.table["object_id"].to_pylist())
    _compare(found, "put", _counted(ids[o] for o in decided.put), _counted(put))
    waiting = [tuple(row[n] for n in Review._fields) for row in after.reviews.values()]
    _compare(found, "review", _counted(tuple(r) for r in decided.reviews), _counted(waiting))
    problems = Counter(p._replace(object_id=ids.get(p.object_id or 0, p.object_id)) for p in decided.problems)
    _compare(found, "problem", problems, _problems(plan))
    return found


def _same_ids(before: State, decided: Decided, after: State) -> dict[int, int]:
    """Return the engine's id of each of the oracle's objects: new ones correspond in their order."""
    ours = sorted(o for o in decided.objects if o >= before.next_object)
    theirs = sorted(o for o in after.objects if o >= before.next_object)
    known = {o: o for o in decided.objects if o < before.next_object}
    known |= {o: o for o in (*before.objects, *before.links, *before.pending)}
    return known | dict(zip(ours, theirs, strict=False)) | {o: -o for o in ours[len(theirs) :]}


def _problems(plan: SyncPlan) -> Counter[Problem]:
    columns = ("code", "rule", "object_id", "identity_id", "attribute")
    return Counter(Problem(*(row[c] for c in columns)) for row in plan.errors.table.to_pylist())


def _content(pending: object) -> object:
    return {n: getattr(pending, n) for n in ("identity_id", "system", "type", "rule", "operation", "dn", "new_dn",
                                             "before", "after", "reason")}  # fmt: skip


def _counted(things: object) -> dict[object, bool]:
    return dict.fromkeys(things, True)  # type: ignore[call-overload, no-any-return]


def _compare(found: list[str], what: str, ours: dict, theirs: dict) -> None:  # type: ignore[type-arg]
    unequal = (k for k in sorted(ours.keys() | theirs.keys(), key=str) if ours.get(k) != theirs.get(k))
    found += [f"{what} {k}: expected {ours.get(k)}, engine has {theirs.get(k)}" for k in unequal]
