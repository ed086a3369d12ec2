"""Where answers go: data to standard output in the format asked for, words to standard error."""

import csv
import json
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, TextIO

from accord.cli.options import Options
from accord.cli.plain import flat, plain

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

_WIDTH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a command found: `data` as one whole, `rows` as a list of like things, `table` for people."""

    data: object
    rows: Iterable[object]
    table: Callable[[], "Iterable[RenderableType]"]


def give(answer: Answer, options: Options) -> None:
    """Write the answer to standard output."""
    match options.output:
        case "table":
            for part in answer.table():
                show(part)
        case "json":
            sys.stdout.write(json.dumps(plain(answer.data), ensure_ascii=False, indent=2) + "\n")
        case "jsonl":
            encode = json.JSONEncoder(ensure_ascii=False).encode
            for row in answer.rows:
                sys.stdout.write(encode(plain(row)) + "\n")
        case "yaml":
            write_yaml(answer.data, sys.stdout)
        case "csv":
            _write_csv(answer.rows)


def show(part: "RenderableType") -> None:
    """Write a part of a table to standard output; where nobody watches, without blanks at the ends of lines."""
    console = console_for(sys.stdout)
    if sys.stdout.isatty():
        console.print(part, soft_wrap=isinstance(part, str))
        return
    with console.capture() as captured:
        console.print(part)
    sys.stdout.write("".join(line.rstrip() + "\n" for line in captured.get().splitlines()))


def again(options: Options) -> str:
    """Return what must stand behind a command to mean the same configuration as this one."""
    given = "" if options.config is None else str(options.config)
    return f" -c {given}" if given and given != os.environ.get("ACCORD_CONFIG") else ""


def write_yaml(data: object, stream: TextIO) -> None:
    """Write a view as YAML."""
    from ruamel.yaml import YAML

    yaml = YAML(typ="rt", pure=True)
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.width = 1_000_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.dump(plain(data), stream)


def say(text: str, options: Options, *, style: str = "dim") -> None:
    """Write a hint to standard error, unless it is to be quiet."""
    if not options.quiet:
        warn(text, style=style)


def warn(text: str, *, style: str = "yellow") -> None:
    """Write words that matter to standard error."""
    console_for(sys.stderr).print(text, style=style, soft_wrap=True)


def console_for(stream: TextIO) -> "Console":
    """Return a console that takes text as it is: what systems say is never markup.

    Without a terminal, lines are as long as COLUMNS says, else 100.
    """
    from rich.console import Console

    width = None if stream.isatty() or "COLUMNS" in os.environ else _WIDTH
    return Console(file=stream, markup=False, highlight=False, emoji=False, width=width)


def _write_csv(rows: Iterable[object]) -> None:
    flattened = (flat(plain(row)) for row in rows)
    first = next(flattened, None)
    if first is None:
        return
    writer = csv.DictWriter(sys.stdout, fieldnames=list(first), lineterminator="\n", extrasaction="ignore", restval="")
    writer.writeheader()
    writer.writerows(chain([first], flattened))
