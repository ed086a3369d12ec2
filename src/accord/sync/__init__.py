"""The decisions: frames and rules in, a plan out. No I/O, no clock, no randomness, no logging.

Every stage is set statements over the relations of one `Workspace`; only `planning` knows their order.
"""
