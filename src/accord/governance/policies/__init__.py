"""Policy analysis: who holds what nobody should hold together, why, since when, and the least that mends it."""
