"""The set engine: DuckDB behind one module, and the expressions that administrators write for it.

Used by decisions, configuration checks and previews alike, so an expression means the same everywhere.
"""
