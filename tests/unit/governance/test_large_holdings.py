"""Millions of assignments: read by columns, refused where they cannot fit, and answered with a bound where they can."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matrices import public

from accord.governance.mining import exact, trimming
from accord.governance.mining.assignments import LARGEST_AREA, from_codes
from accord.governance.mining.bits import bits_of, pairs_of, sets_of, transpose
from accord.governance.mining.checking import check
from accord.governance.mining.exact import mine_minimum
from accord.governance.mining.parsing import parse_assignments, read_content
from accord.governance.mining.tabulating import LARGE_BYTES, tabulate
from accord.model.errors import UsageError

_HEADS = (("user", "permission"),)


@pytest.mark.parametrize(
    "text",
    [
        "ann,read\nann,write\nbob,read\n",
        "User,Permission\nann,read\nbob,write\nann,read\n",
        'ann ,"read, all"\nbob,write\n ann, write\n',
        "\ufeffuser;permission\nann;a\nbob;b\n",
        "ann\tNA\nbob\tnull\n",
    ],
)
def test_by_columns_the_same_is_read_as_line_by_line(text: str) -> None:
    assert tabulate(text.encode(), heads=_HEADS) == parse_assignments(text.removeprefix("\ufeff"))


@pytest.mark.parametrize(
    "text", ["ann,a\nbob\n", "ann,a\n,b\n", "ann,a\n# said\nbob,b\n", "ann a\nbob b\n", "ann,\xff\n"]
)
def test_what_cannot_be_read_by_columns_is_left_to_the_reader_that_names_the_line(text: str) -> None:
    assert tabulate(text.encode("latin-1"), heads=_HEADS) is None


def test_a_large_file_is_read_and_its_wrong_line_is_named() -> None:
    pairs = [f"user{at},permission{at % 7}\n" for at in range(LARGE_BYTES // 16)]
    found = read_content("".join(pairs).encode())
    assert (len(found.users), len(found.permissions), found.count) == (len(pairs), 7, len(pairs))
    pairs[1_000] = "user\n"
    with pytest.raises(UsageError, match="line 1001 is no assignment"):
        read_content("".join(pairs).encode())


def test_what_would_not_fit_into_memory_is_refused_at_once_with_what_to_do() -> None:
    codes = np.zeros(1, dtype=np.int64)
    with pytest.raises(UsageError, match="100,000 users by 100,000 permissions") as refused:
        from_codes(["u"] * 100_000, ["p"] * 100_000, codes, codes)
    assert LARGEST_AREA < 100_000**2
    assert "one system" in refused.value.remedy


@pytest.mark.parametrize("name", ["domino", "apj", "firewall1", "university"])
def test_of_what_is_too_large_to_search_a_cover_is_given_with_a_bound_that_holds(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exact, "LARGEST", 100)
    assignments = public(name)
    found = mine_minimum(assignments)
    verdict = check(assignments, found.roles, found.certificate)
    assert verdict.is_exact
    assert verdict.is_sound
    assert 0 < verdict.bound <= len(found.roles) <= min(len(set(assignments.rows)), len(assignments.permissions))
    assert mine_minimum(assignments) == found


def test_making_roles_simple_ends_when_its_work_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    assignments = public("americas_small")
    roles = mine_minimum(assignments).roles
    monkeypatch.setattr(trimming, "WORK", 1)
    once = trimming.trim(assignments, roles, rounds=10)
    assert trimming.trim(assignments, roles, rounds=0) == once
    monkeypatch.setattr(trimming, "LARGEST", 10)
    assert trimming.trim(assignments, roles) == roles


@given(st.lists(st.sets(st.integers(0, 69)), max_size=6))
def test_sets_are_taken_apart_and_put_together_again(members: list[set[int]]) -> None:
    sets = [bits_of(sorted(one)) for one in members]
    owners, held = pairs_of(sets, width=70)
    assert sets_of(owners, held, count=len(sets), width=70) == sets
    assert transpose(transpose(sets, width=70), width=len(sets)) == sets
