"""How alike texts are.

rapidfuzz compares characters. The set engine's own function compares bytes, so that letters beyond ASCII are alike by
their encoding: it gives 0.61 for Ivanov and Petrov in Cyrillic letters, where characters give 0.56.
"""

from collections.abc import Sequence


def similarities(some: Sequence[str], others: Sequence[str]) -> list[float]:
    """Return the Jaro-Winkler similarity of each pair, between 0 and 1: about a million pairs a second."""
    if not some:
        return []
    # Few rules compare by likeness, and every command would wait for fifty modules.
    from rapidfuzz.distance import JaroWinkler  # noqa: PLC0415
    from rapidfuzz.process import cpdist  # noqa: PLC0415

    return [float(s) for s in cpdist(some, others, scorer=JaroWinkler.normalized_similarity)]
