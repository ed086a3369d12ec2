"""Likeness: what the engine compares by, against the published examples, and why the set engine's own is not used."""

import duckdb
import pytest

from accord.engine.similarity import similarities
from oracle.likeness import _alike


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("martha", "marhta", 0.961),
        ("dwayne", "duane", 0.84),
        ("dixon", "dicksonx", 0.813),
        ("anna", "anna", 1),
        ("a", "b", 0),
    ],
)
def test_published_examples(one: str, other: str, expected: float) -> None:
    assert similarities([one], [other]) == [pytest.approx(expected, abs=0.0005)]
    assert _alike(one, other) == pytest.approx(expected, abs=0.0005)


@pytest.mark.parametrize(("one", "other"), [("иванов", "петров"), ("παππάς", "πέτρου"), ("王小明", "王小民")])
def test_characters_are_compared_and_not_bytes(one: str, other: str) -> None:
    by_bytes = duckdb.execute("select jaro_winkler_similarity(?, ?)", [one, other]).fetchall()[0][0]
    assert similarities([one], [other])[0] < by_bytes
