"""The analyses as runs: read what the store knows, analyse, keep what was found; each with a record of its own."""
