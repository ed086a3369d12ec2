"""Frames handed on in order."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.engine.frames import in_order

_RUNS = st.lists(st.lists(st.tuples(st.integers(0, 40), st.sampled_from("aéz😀")), max_size=30).map(sorted), max_size=6)


@given(_RUNS)
def test_whatever_is_handed_in_comes_out_in_order(runs: list[list[tuple[int, str]]]) -> None:
    rows = [row for run in runs for row in run]
    frame = pa.table(
        {
            "n": pa.chunked_array([[n for n, _ in run] for run in runs], pa.int64()),
            "t": pa.chunked_array([[t for _, t in run] for run in runs], pa.string()),
            "place": pa.chunked_array([range(len(rows))], pa.int64()),
        }
    )

    ordered = in_order(frame, "n", "t").to_pydict()

    assert list(zip(ordered["n"], ordered["t"], strict=True)) == sorted(rows)
    assert sorted(ordered["place"]) == list(range(len(rows)))
    assert [rows[place] for place in ordered["place"]] == sorted(rows)


@pytest.mark.parametrize("pieces", [3, 5_000])
def test_runs_that_reach_into_each_other_are_merged_however_often(pieces: int) -> None:
    rows = 20_000
    turn = [row * pieces // rows % 2 for row in range(rows)]
    numbers = [n for thread in (0, 1) for n, t in enumerate(turn) if t == thread]

    assert in_order(pa.table({"n": numbers}), "n")["n"].to_pylist() == list(range(rows))
