"""The options that every command takes."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Group, Parameter

Format = Literal["table", "json", "yaml", "csv", "jsonl"]
LogFormat = Literal["json", "text"]

_GROUP = Group("Options of every command", sort_key=9)


@Parameter(name="*", group=_GROUP)
@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Where things are and how to answer."""

    config: Annotated[
        Path | None, Parameter(name=("--config", "-c"), env_var="ACCORD_CONFIG", help="Configuration folder.")
    ] = None
    data: Annotated[
        Path | None, Parameter(name="--data", env_var="ACCORD_DATA", help="Data folder; else what accord.yaml says.")
    ] = None
    output: Annotated[Format, Parameter(name=("--output", "-o"), help="How data is written.")] = "table"
    quiet: Annotated[bool, Parameter(name=("--quiet", "-q"), negative="", help="No hints, no progress.")] = False
    yes: Annotated[bool, Parameter(name=("--yes", "-y"), negative="", help="Ask nothing.")] = False


DEFAULTS = Options()

_TAKE_VALUES = ("--config", "-c", "--data", "--output", "-o")
_FLAGS = ("--quiet", "-q", "--yes", "-y")


def as_json(options: Options, *, wanted: bool) -> Options:
    """Return the options, with JSON as the way to answer where a command's `--json` asks for it."""
    return replace(options, output="json") if wanted else options


def options_last(tokens: list[str]) -> list[str]:
    """Return the tokens with options that stand before the command moved behind it, where the parser wants them."""
    leading: list[str] = []
    rest = list(tokens)
    while rest and rest[0].startswith("-"):
        if rest[0] in _FLAGS or rest[0].partition("=")[0] in _TAKE_VALUES:
            count = 2 if rest[0] in _TAKE_VALUES else 1
            leading, rest = [*leading, *rest[:count]], rest[count:]
        else:
            break
    if not rest:
        return tokens
    end = rest.index("--") if "--" in rest else len(rest)
    return [*rest[:end], *leading, *rest[end:]]
