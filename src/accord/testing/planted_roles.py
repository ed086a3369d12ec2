"""Who holds what by planted roles, with a share of pairs dropped and as many added by chance; deterministic."""

import numpy as np

from accord.governance.mining.assignments import Assignments, from_codes
from accord.governance.mining.bits import bits_of


def plant(*, users: int, permissions: int, roles: int, noise: float, seed: int) -> tuple[list[int], Assignments]:
    """Return the planted roles' permissions, and assignments in which everybody has one to three of the roles."""
    random = np.random.default_rng(seed)
    planted = [random.choice(permissions, int(random.integers(4, 15)), replace=False) for _ in range(roles)]
    held = np.zeros((users, permissions), dtype=bool)
    for user in range(users):
        for role in random.choice(roles, int(random.integers(1, 4)), replace=False):
            held[user, planted[role]] = True
    count = int(held.sum() * noise)
    there, absent = np.argwhere(held), np.argwhere(~held)
    dropped = there[random.choice(len(there), count, replace=False)]
    added = absent[random.choice(len(absent), count, replace=False)]
    held[dropped[:, 0], dropped[:, 1]] = False
    held[added[:, 0], added[:, 1]] = True
    rows, columns = np.nonzero(held)
    names = [f"user{at}" for at in range(users)], [f"permission{at}" for at in range(permissions)]
    return [bits_of(np.sort(role)) for role in planted], from_codes(*names, rows, columns)
