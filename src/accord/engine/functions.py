"""What expressions may call: the catalogue of all functions, and their installation in an engine."""

from collections.abc import Mapping
from datetime import datetime

from accord.engine import builtin_functions, directory_functions, text_functions, value_functions
from accord.engine.catalogue import PREFIX, Function, Group
from accord.engine.frames import Engine, quote
from accord.engine.lookups import install_lookup, macro_name

LOOKUPS = Group(
    "Lookup tables",
    (
        Function(
            "lookup",
            "lookup('table', key[, default])",
            "the value of the key in a declared table; the default, or null, when the key is not there or null",
            "lookup('sites', 'ZH', '-') || lookup('sites', 'XX', '-')",
            "Zürich-",
        ),
    ),
)

GROUPS: tuple[Group, ...] = (
    *text_functions.GROUPS,
    *directory_functions.GROUPS,
    *value_functions.GROUPS,
    LOOKUPS,
    *builtin_functions.GROUPS,
)
"""All functions in the order of the reference page."""

FUNCTIONS: Mapping[str, Function] = {function.name: function for group in GROUPS for function in group.functions}
"""Every function an expression may call, by the name it is called."""


def install(engine: Engine, *, now: datetime, lookups: Mapping[str, Mapping[str, str]] | None = None) -> None:
    """Make every function of expressions known to the engine; `now` (aware) is what now() and today() give.

    May be repeated with another `now` or other tables.
    """
    time = value_functions.now_literal(now)
    # What calls another of ours comes after it.
    for function in sorted(FUNCTIONS.values(), key=lambda function: PREFIX in function.macro):
        if function.macro:
            _install(engine, function.engine_name, function.macro.replace("{now}", time))
    for name, macro in value_functions.INTERNAL:
        _install(engine, PREFIX + name, macro)
    for table, entries in (lookups or {}).items():
        install_lookup(engine, table, entries)


def install_used(engine: Engine, sql: str, *, now: datetime, lookups: Mapping[str, Mapping[str, str]]) -> None:
    """Make those functions known that compiled expressions call, and those that they call: most call few."""
    macros = {f.engine_name: f.macro for f in FUNCTIONS.values() if f.macro}
    macros |= {PREFIX + name: macro for name, macro in value_functions.INTERNAL}
    used, text = set[str](), sql
    while new := {name for name in macros if name in text} - used:
        used |= new
        text = " ".join(macros[name] for name in new)
    time = value_functions.now_literal(now)
    for name in sorted(used, key=lambda name: PREFIX in macros[name]):
        _install(engine, name, macros[name].replace("{now}", time))
    for table, entries in lookups.items():
        if macro_name(table) in sql:
            install_lookup(engine, table, entries)


def set_time(engine: Engine, now: datetime) -> None:
    """Change what now() and today() give, where everything is installed already."""
    time = value_functions.now_literal(now)
    for function in FUNCTIONS.values():
        if "{now}" in function.macro:
            _install(engine, function.engine_name, function.macro.replace("{now}", time))


def _install(engine: Engine, name: str, macro: str) -> None:
    engine.run(f"create or replace macro {quote(name)}{macro}")
