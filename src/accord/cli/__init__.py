"""The command door: parses what was typed, calls one operation, shows its view. Decides and writes nothing itself.

Data goes to standard output, everything else to standard error. Heavy modules are imported inside commands, so that
help is there at once.
"""
