"""Delimited text files: one file, one object type, one row per object. Reads in a stream, writes whole files."""

from accord.connectors.csv.connector import KIND

__all__ = ["KIND"]
