"""The global script: fourteen event handlers, of which the untouched skeleton does nothing."""

import re

from accord.datasync.scripts.expressions import ScriptRefused

EVENTS = (
    "Startup", "BuildSourceQuery", "RowStarting", "BuildDestinationQuery", "RowChanging", "RowChanged", "RowAdding",
    "RowAdded", "RowDeleting", "RowDeleted", "RowFinishing", "RowFinished", "RowFailed", "Shutdown",
)  # fmt: skip
"""All events, in the order of the skeleton."""

_OPENING = re.compile(r"^\s*(?:public\s+|private\s+)?sub\s+\w+\s*\(.*\)\s*handles\s+dtm\.(\w+)\s*$", re.IGNORECASE)
_CLOSING = re.compile(r"^\s*end\s+sub\s*$", re.IGNORECASE)
_FRAME = re.compile(r"^\s*(?:option\s|imports\s|module\s|end\s+module|#region|#end\s+region)", re.IGNORECASE)
_NAMES = {name.casefold(): name for name in EVENTS}


def handlers(code: str) -> dict[str, tuple[int, str]]:
    """Return the handlers that do something: event -> first line and body; raise ScriptRefused for anything else."""
    found: dict[str, tuple[int, str]] = {}
    event, start = "", 0
    body: list[str] = []
    for number, raw in enumerate(code.splitlines(), 1):
        line = raw.split("'", 1)[0] if '"' not in raw else raw
        opening = _OPENING.match(line)
        if opening:
            event, start, body = _event(opening.group(1), number), number + 1, []
        elif _CLOSING.match(line) and event:
            if any(text.strip() and not text.strip().startswith("'") for text in body):
                found[event] = (start, "\n".join(body))
            event = ""
        elif event:
            body.append(raw)
        elif line.strip() and not _FRAME.match(line):
            raise ScriptRefused(f"only event handlers are run, not: {line.strip()[:60]}", number)
    return found


def _event(name: str, line: int) -> str:
    known = _NAMES.get(name.casefold())
    if known is None:
        raise ScriptRefused(f"there is no event {name}", line)
    return known
