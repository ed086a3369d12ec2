"""What of the rules is the same as before: digests of the parts in which they can change by themselves."""

from collections.abc import Mapping
from typing import TypeAlias

RuleParts: TypeAlias = Mapping[str, Mapping[str, str]]
"""Outbound rule -> target of a flow -> digest; `WHOLE` stands for what is left of the rule, or of all."""

WHOLE = ""
"""No rule and no attribute is called so."""
