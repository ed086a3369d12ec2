"""Managers: every way to name one, never a guess, cycles once, the last good one kept, levels and approvers."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.engine.frames import Engine
from accord.governance.managers.hierarchy import NOBODY, find_hierarchy
from accord.governance.managers.matchers import Matcher
from accord.governance.managers.normalising import normalise, normalise_dn
from accord.governance.managers.resolving import CLAIMS, KEYS, KNOWN, OWNERS, Inputs, Resolution, resolve

ANN, BOB, CYD, SVC = 1, 2, 3, 9


def _resolve(
    claims: Sequence[tuple[int, int, str, str | None]],
    keys: Sequence[tuple[int, str, str]] = (),
    known: Sequence[tuple[int, int, int, str, float]] = (),
    *,
    inactive: Sequence[int] = (),
    keeps_last_good: bool = True,
) -> Resolution:
    ids = [ANN, BOB, CYD, 4, SVC]
    inputs = Inputs(
        owners=pa.table(
            [ids, [f"o{i}" for i in ids], [i not in inactive for i in ids], [i != SVC for i in ids]], schema=OWNERS
        ),
        keys=_table(keys, KEYS),
        claims=_table(claims, CLAIMS),
        known=_table(known, KNOWN),
    )
    with Engine(has_attempts=False) as engine:
        return resolve(engine, inputs, now=100, keeps_last_good=keeps_last_good)


def _table(rows: Sequence[tuple[object, ...]], schema: pa.Schema) -> pa.Table:
    columns = [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in schema]
    return pa.table(columns, schema=schema)


def _of(resolution: Resolution, owner: int) -> dict[str, object]:
    return next(row for row in resolution.frame.to_pylist() if row["owner_id"] == owner)


@pytest.mark.parametrize(
    ("matcher", "value", "raw", "method"),
    [
        ("dn", "CN=Ann Meyer, OU=Sales,DC=x", "cn=ann meyer,ou=SALES,dc=x", "dn"),
        ("dn", r"CN=Meyer\, Ann,DC=x", r"cn=Meyer\2C Ann, dc=x", "dn"),
        ("dn", "CN=Ann+UID=7,DC=x", "uid=7 + cn=ann , DC=x", "dn"),
        ("employee", "00001001", "00001001", "employee"),
        ("employee", "E00001001", "1001", "employee_loose"),
        ("mail", "Ann.Meyer@Example.org", "mailto:ann.meyer@example.ORG", "mail"),
        ("scim", "2819C223", "2819c223", "scim"),
        ("account", "ann.meyer", "CONTOSO\\Ann.Meyer", "account"),
        ("display_name", "Ann Meyer", "Meyer,  ANN", "display_name"),
        ("display_name", "Jürgen Weiß", "JU\u0308RGEN WEISS", "display_name"),
        ("position", "P-77", "p-77", "position"),
    ],
)
def test_each_way_to_name_a_manager_finds_them(matcher: str, value: str, raw: str, method: str) -> None:
    found = _of(_resolve([(BOB, 0, "hr", raw)], [(ANN, matcher, value)]), BOB)
    assert (found["manager_id"], found["status"], found["method"], found["raw"]) == (ANN, "resolved", method, raw)
    assert 0.5 < found["confidence"] <= 1.0  # type: ignore[operator]  # it is a number


def test_a_surer_matcher_counts_before_a_less_sure_one() -> None:
    keys = [(ANN, "display_name", "1001"), (CYD, "employee", "1001")]
    assert _of(_resolve([(BOB, 0, "hr", "1001")], keys), BOB)["manager_id"] == CYD


def test_two_of_one_name_are_candidates_and_none_is_guessed() -> None:
    keys = [(ANN, "display_name", "A Meyer"), (CYD, "display_name", "a meyer")]
    found = _resolve([(BOB, 0, "hr", "A. Meyer"), (4, 0, "hr", "A Meyer")], keys)
    assert (_of(found, 4)["status"], _of(found, 4)["manager_id"]) == ("ambiguous", None)
    assert found.candidates.to_pylist() == [{"owner_id": 4, "candidate_id": ANN}, {"owner_id": 4, "candidate_id": CYD}]
    assert _of(found, BOB)["status"] == "unresolved"


def test_several_ids_in_one_value_are_ambiguous_and_one_with_noise_is_found() -> None:
    keys = [(ANN, "employee", "1"), (CYD, "employee", "2")]
    assert _of(_resolve([(BOB, 0, "hr", "1; 2")], keys), BOB)["status"] == "ambiguous"
    assert _of(_resolve([(BOB, 0, "hr", "1;")], keys), BOB)["manager_id"] == ANN


def test_the_next_source_is_asked_where_the_first_finds_nobody() -> None:
    found = _of(_resolve([(BOB, 0, "hr", "nobody"), (BOB, 1, "ad", "7")], [(ANN, "employee", "7")]), BOB)
    assert (found["manager_id"], found["source"]) == (ANN, "ad")


@pytest.mark.parametrize("raw", [None, "left@example.org"])
def test_the_last_good_manager_is_kept_and_said_to_be_kept(raw: str | None) -> None:
    known = [(BOB, ANN, 7, "dn", 1.0)]
    kept = _of(_resolve([(BOB, 0, "hr", raw)], known=known), BOB)
    assert (kept["manager_id"], kept["is_kept"], kept["since"]) == (ANN, True, 7)
    wiped = _of(_resolve([(BOB, 0, "hr", raw)], known=known, keeps_last_good=False), BOB)
    assert wiped["manager_id"] is None


def test_since_is_when_the_manager_changed() -> None:
    known = [(BOB, ANN, 7, "dn", 1.0)]
    keys = [(ANN, "employee", "1"), (CYD, "employee", "3")]
    assert _of(_resolve([(BOB, 0, "hr", "1")], keys, known), BOB)["since"] == 7
    assert _of(_resolve([(BOB, 0, "hr", "3")], keys, known), BOB)["since"] == 100


def test_a_cycle_is_told_once_with_the_least_sure_tie_to_sever() -> None:
    keys = [(ANN, "employee", "1"), (BOB, "employee", "2"), (CYD, "display_name", "Cyd"), (4, "employee", "4")]
    claims = [(ANN, 0, "hr", "2"), (BOB, 0, "hr", "Cyd"), (CYD, 0, "hr", "1"), (4, 0, "hr", "1")]
    found = _resolve(claims, keys)
    (cycle,) = found.cycles
    assert (cycle.members, cycle.sever) == ((ANN, BOB, CYD), BOB)
    assert [_of(found, who)["status"] for who in (ANN, BOB, CYD, 4)] == ["cyclic", "cyclic", "cyclic", "resolved"]
    assert [_of(found, who)["level"] for who in (BOB, ANN, CYD)] == [0, 1, 2]


def test_tops_lonely_ones_and_those_who_name_themselves_are_told_apart() -> None:
    found = _resolve([(BOB, 0, "hr", "1"), (CYD, 0, "hr", "3")], [(ANN, "employee", "1"), (CYD, "employee", "3")])
    assert [_of(found, who)["status"] for who in (ANN, BOB, CYD, 4)] == ["root", "resolved", "self", "orphan"]
    assert (_of(found, ANN)["span"], _of(found, ANN)["level"], _of(found, BOB)["level"]) == (1, 0, 1)


def test_an_absent_manager_is_told_and_the_first_active_one_above_acts() -> None:
    keys = [(ANN, "employee", "1"), (BOB, "employee", "2")]
    found = _of(_resolve([(BOB, 0, "hr", "1"), (CYD, 0, "hr", "2")], keys, inactive=[BOB]), CYD)
    assert (found["status"], found["manager_id"], found["approver_id"]) == ("inactive_manager", BOB, ANN)


def test_who_acts_for_somebody_is_a_person() -> None:
    keys = [(ANN, "employee", "1"), (SVC, "employee", "2")]
    found = _of(_resolve([(SVC, 0, "hr", "1"), (CYD, 0, "hr", "2")], keys), CYD)
    assert (found["status"], found["manager_id"], found["approver_id"]) == ("resolved", SVC, ANN)


def test_what_is_no_dn_is_none() -> None:
    assert normalise_dn("Ann Meyer") is None
    assert normalise(pa.chunked_array([["Ann", "CN = A , DC=x"]]), Matcher.DN).to_pylist() == [None, "cn=a,dc=x"]


@given(st.lists(st.integers(-1, 11), min_size=1, max_size=12))
def test_the_shape_is_what_walking_from_everybody_finds(wanted: list[int]) -> None:
    count = len(wanted)
    manager = np.array([m if m < count and m != at else NOBODY for at, m in enumerate(wanted)], dtype=np.int64)
    active = np.array([at % 3 != 0 for at in range(count)])
    shape = find_hierarchy(manager, confidence=np.ones(count), since=np.zeros(count, dtype=np.int64), is_active=active)
    for at in range(count):
        path = _walk(manager, at)
        assert (shape.cycle[at] != NOBODY) == (path[-1] == at and len(path) > 1)
    severed = manager.copy()
    severed[list(shape.breaks.values())] = NOBODY
    for at in range(count):
        above = _walk(severed, at)[1:]
        assert shape.level[at] == len(above)
        assert shape.approver[at] == next((a for a in above if active[a]), NOBODY)


def _walk(manager: np.ndarray, start: int) -> list[int]:
    path = [start]
    while manager[path[-1]] != NOBODY:
        path.append(int(manager[path[-1]]))
        if path[-1] in path[:-1]:
            break
    return path
