"""Section 3, by likeness: one pair after the other, the textbook's Jaro-Winkler."""

import unicodedata

from accord.model.rules import JoinRule

MOST = 200


def score_of(join: JoinRule, theirs: list[tuple[str, ...]], ours: list[tuple[str, ...]]) -> float:
    """Return the score of one candidate: values of each comparison, of the object and of the identity."""
    assert join.fuzzy is not None
    weights = [c.weight for c in join.fuzzy.comparisons]
    found = [
        max((_alike(a, b) for a in some for b in others), default=0.0)
        for some, others in zip(theirs, ours, strict=True)
    ]
    return round(sum(s * w for s, w in zip(found, weights, strict=True)) / sum(weights), 6)


def _alike(one: str, other: str) -> float:
    a, b = _folded(one), _folded(other)
    matches, transposed = _matches(a, b)
    if not matches:
        return 0.0
    jaro = (matches / len(a) + matches / len(b) + (matches - transposed // 2) / matches) / 3
    prefix = next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    return jaro + min(prefix, 4) * 0.1 * (1 - jaro) if jaro > 0.7 else jaro


def _matches(a: str, b: str) -> tuple[int, int]:
    """Return how many characters match, and how many of them stand in another order."""
    window = max(len(a), len(b)) // 2 - 1
    used: list[int] = []
    ours = ""
    for i, character in enumerate(a):
        near = range(max(0, i - window), min(len(b), i + max(window, 0) + 1))
        place = next((j for j in near if j not in used and b[j] == character), None)
        if place is not None:
            used.append(place)
            ours += character
    theirs = "".join(b[j] for j in sorted(used))
    return len(used), sum(x != y for x, y in zip(ours, theirs, strict=True))


def _folded(text: str) -> str:
    parts = unicodedata.normalize("NFD", text.lower())
    return unicodedata.normalize("NFC", "".join(c for c in parts if not unicodedata.combining(c)))
