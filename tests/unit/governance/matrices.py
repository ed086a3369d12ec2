"""The public matrices, and small ones by hand."""

import json
import lzma
from pathlib import Path

from accord.governance.mining.assignments import Assignments
from accord.governance.mining.bits import bits_of
from accord.governance.mining.parsing import parse_assignments

DATA = Path(__file__).parents[2] / "data"
EXPECTED = json.loads((DATA / "rolemining" / "expected.json").read_text(encoding="utf-8"))


def public(name: str) -> Assignments:
    return parse_assignments(lzma.decompress((DATA / "rolemining" / f"{name}.txt.xz").read_bytes()).decode())


def of_rows(*rows: str) -> Assignments:
    """Make assignments of texts like "110": one row a user, one digit a permission."""
    return Assignments(
        users=tuple(f"u{at}" for at in range(len(rows))),
        permissions=tuple(f"p{at}" for at in range(len(rows[0]))),
        rows=tuple(bits_of([at for at, digit in enumerate(row) if digit == "1"]) for row in rows),
    )
