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


def plant_many(*, users: int, permissions: int, roles: int, noise: float, seed: int) -> Assignments:
    """Return assignments of so many users that only columns can hold them; a few roles are held by most."""
    random = np.random.default_rng(seed)
    planted = [random.choice(permissions, int(random.integers(4, 15)), replace=False) for _ in range(roles)]
    sizes = np.asarray([len(role) for role in planted])
    who = np.repeat(np.arange(users), random.integers(1, 4, users))
    which = (random.random(len(who)) ** 2 * roles).astype(np.int64)
    lengths = sizes[which]
    within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    held = np.concatenate(planted)[np.repeat((np.cumsum(sizes) - sizes)[which], lengths) + within]
    who = np.repeat(who, lengths)
    count = int(len(who) * noise)
    is_kept = np.ones(len(who), dtype=bool)
    is_kept[random.choice(len(who), count, replace=False)] = False
    who = np.concatenate([who[is_kept], random.integers(0, users, count)])
    held = np.concatenate([held[is_kept], random.integers(0, permissions, count)])
    return from_codes([f"user{at}" for at in range(users)], [f"permission{at}" for at in range(permissions)], who, held)
