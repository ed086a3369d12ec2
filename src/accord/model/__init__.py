"""The nouns: schemas, rules, plans, errors. Types only: no I/O, no clock, nothing of the rest of accord."""
