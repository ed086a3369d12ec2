"""A second implementation of synchronisation, one object at a time, from docs/explanation/semantics.md alone.

Plain dictionaries and loops; nothing of accord.sync or accord.engine is used. Rules are those of accord.model.
"""

from oracle.oracle import synchronise
from oracle.state import Decided, Identity, Link, Pending, PendingEdge, Problem, Staged, State

__all__ = ["Decided", "Identity", "Link", "Pending", "PendingEdge", "Problem", "Staged", "State", "synchronise"]
