"""Measurements: seconds and memory of the real product on generated populations, each beside its floor in one run."""
