"""Enrichment: values that no system says, made by declared rules, each with where it came from."""
