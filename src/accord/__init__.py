"""Accord keeps the people, groups and applications of an organisation consistent across its systems."""
