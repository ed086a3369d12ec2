"""What all tables are made of: columns, cells, times, numbers, values before and after."""

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from rich import box
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

STATE_STYLES = {
    "done": "green", "ready": "green", "applied": "green", "released": "green", "kept": "green", "ok": "green",
    "done_with_errors": "yellow", "held": "red bold", "failed": "red bold", "cancelled": "yellow",
    "running": "cyan", "discarded": "dim", "warning": "yellow",
}  # fmt: skip
OPERATION_STYLES = {
    "delete": "red", "remove": "red", "disable": "red", "rename": "yellow", "update": "yellow", "create": "green",
    "add": "green",
}  # fmt: skip
SIGNS = {"delete": "-", "remove": "-", "disable": "!", "rename": ">", "update": "~", "create": "+", "add": "+"}
_LONGEST = 200
_SHOWN_VALUES = 5


def table(*headings: str, numbers: Sequence[str] = (), title: str = "", wraps: Sequence[str] = ()) -> Table:
    """Return an empty table; columns of numbers align right, those in `wraps` take the width that is left."""
    made = Table(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        show_edge=False,
        collapse_padding=True,
        header_style="bold",
        title=Text(title, style="bold") if title else None,
        title_justify="left",
        title_style="",
    )
    for heading in headings:
        made.add_column(
            heading,
            justify="right" if heading in numbers else "left",
            overflow="fold",
            no_wrap=heading in numbers,
            ratio=None,
            min_width=min(len(heading), 12) if heading not in wraps else 20,
        )
    return made


def cell(value: object, style: str = "") -> Text:
    """Return a value as text that no terminal takes for a command."""
    return Text("" if value is None else clean(str(value)), style=style)


def number(count: int, style: str = "") -> Text:
    """Return a number with its thousands set apart; nothing for none."""
    return Text(f"{count:,}" if count else "-", style=style if count else "dim")


def state(name: str) -> Text:
    """Return a state in its colour."""
    return Text(name.replace("_", " "), style=STATE_STYLES.get(name, ""))


def operation(name: str) -> Text:
    """Return an operation in the colour of its risk."""
    return Text(name, style=OPERATION_STYLES.get(name, ""))


def time(text: str | None) -> Text:
    """Return a time stamp as local time to the minute."""
    if not text:
        return Text("-", style="dim")
    moment = datetime.fromisoformat(text)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return Text(aware.astimezone().strftime("%Y-%m-%d %H:%M"))


def short_time(text: str | None) -> Text:
    """Return a time stamp as local time: of today the time, else the date."""
    whole = time(text)
    today = datetime.now(UTC).astimezone().strftime("%Y-%m-%d ")  # noqa: TID251 - only for how a time is written
    return Text(whole.plain.removeprefix(today) if whole.plain.startswith(today) else whole.plain.partition(" ")[0])


def duration(seconds: float | None) -> str:
    """Return a length of time as people say it."""
    if seconds is None:
        return ""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s"


def heading(text: str, *parts: Text | str) -> Text:
    """Return a line that begins a section."""
    line = Text(clean(text), style="bold")
    for part in parts:
        line.append("  ")
        line.append_text(part if isinstance(part, Text) else Text(clean(part), style="not bold"))
    return line


def values(texts: Iterable[str]) -> str:
    """Return values as one text, shortened when they are many or long."""
    shown = list(texts)
    more = f" and {len(shown) - _SHOWN_VALUES:,} more" if len(shown) > _SHOWN_VALUES else ""
    return ", ".join(_shortened(clean(text)) for text in shown[:_SHOWN_VALUES]) + more


def indented(renderable: Table | Text, by: int = 2) -> Padding:
    """Return something moved to the right."""
    return Padding(renderable, (0, 0, 0, by))


def grid(*widths: int | None) -> Table:
    """Return a table without headings or lines."""
    made = Table.grid(padding=(0, 2))
    for width in widths:
        made.add_column(min_width=width, overflow="fold")
    return made


def clean(text: str) -> str:
    """Return a text with every control character shown as a sign of its own."""
    return "".join("�" if unicodedata.category(c) in ("Cc", "Cf") and c != "\n" else c for c in text)


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text):,} characters)"
