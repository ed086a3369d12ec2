"""The program that runs Python scripts: started with a bare interpreter, one for each run of a job, never imported.

It speaks JSON, one line each way. Before it looks at a script it locks itself in: memory, time and descriptors are
limited, and the kernel refuses every system call but those that compute, read the next line and write the answer. So
whatever a script gets hold of, there is no file, network or process to be had.
"""

import ctypes
import datetime as dt
import json
import math
import os
import platform
import re
import resource
import signal
import struct
import sys
import time
from types import CodeType, FunctionType, SimpleNamespace
from typing import Any

_ARCHITECTURES = {
    # Audit name, then: read write mmap mprotect munmap brk rt_sigaction rt_sigprocmask rt_sigreturn mremap madvise
    # setitimer exit futex clock_gettime exit_group getrandom restart_syscall gettimeofday
    "x86_64": (0xC000003E, (0, 1, 9, 10, 11, 12, 13, 14, 15, 25, 28, 38, 60, 202, 228, 231, 318, 219, 96)),
    "aarch64": (
        0xC00000B7, (63, 64, 222, 226, 215, 214, 134, 135, 139, 216, 233, 103, 93, 98, 113, 94, 278, 128, 169),
    ),
}  # fmt: skip
_NO_NEW_PRIVILEGES, _SECCOMP, _FILTER = 38, 22, 2
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050001, 0x80000000
_LOAD, _IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_MOST_TEXT = 100_000
_SAFE = (
    "abs", "all", "any", "bool", "chr", "dict", "divmod", "enumerate", "filter", "float", "frozenset", "int",
    "isinstance", "len", "list", "map", "max", "min", "ord", "pow", "range", "repr", "reversed", "round", "set",
    "sorted", "str", "sum", "tuple", "zip", "Exception", "ArithmeticError", "IndexError", "KeyError", "LookupError",
    "TypeError", "ValueError", "ZeroDivisionError",
)  # fmt: skip


class RowCancelled(BaseException):
    """A script says that the row is to be passed over."""


class TimeUp(BaseException):
    """A script took longer than one row may take."""


class Staging:
    """The row of the destination that is about to be written: read by name, and assigned."""

    def __init__(self, values: dict[str, str | None]) -> None:
        self.values = {name.casefold(): value for name, value in values.items()}
        self.assigned: dict[str, str] = {}

    def __call__(self, name: str) -> str:
        """Return a value by its attribute, the empty text where there is none."""
        return self.values.get(name.casefold()) or ""

    def __getitem__(self, name: str) -> str:
        return self(name)

    def __setitem__(self, name: str, value: object) -> None:
        text = "" if value is None else str(value)
        self.values[name.casefold()] = text
        self.assigned[name] = text


class Row:
    """What scripts call DTM: the source row, the result, and what is shared between them."""

    shared: dict[str, object] = {}  # noqa: RUF012 - it is meant to be shared

    def __init__(self, call: dict[str, Any]) -> None:
        self._row = {name.casefold(): value for name, value in call["row"].items()}
        self.Result: object = None
        self.StagingDestination = Staging(call["staging"])
        self.Query = call["query"]
        self.Error = call["error"]
        self.notes: list[str] = []

    def Source(self, name: str) -> str:  # noqa: N802 - the contract's name
        """Return the value of a column, the empty text where there is none."""
        return self._row.get(name.casefold()) or ""

    def CancelRow(self) -> None:  # noqa: N802 - the contract's name
        """Pass the row over."""
        raise RowCancelled

    def AddToContext(self, key: str, value: object) -> None:  # noqa: N802 - the contract's name
        """Share a value with later scripts of the run."""
        self.shared[str(key)] = value

    def Context(self, key: str) -> object:  # noqa: N802 - the contract's name
        """Return a shared value."""
        return self.shared.get(str(key))

    def Log(self, text: object) -> None:  # noqa: N802 - as the others
        """Write a line to the log of the run."""
        self.notes.append(str(text)[:1000])


def main() -> None:
    """Serve calls until there are no more."""
    lines = _lines()
    start = json.loads(next(lines))
    # These load modules, and there is no loading once the walls are up.
    dt.datetime.strptime("2000", "%Y").strftime("%Y")  # noqa: DTZ007 - what it gives does not matter
    _limit(start["memory_bytes"])
    if not _lock():
        _say({"ready": False})
        return
    signal.signal(signal.SIGALRM, _time_up)
    try:
        programs, events = _programs(start)
    except Exception as error:  # noqa: BLE001 - whatever the script does at its beginning
        _say({"ready": True, "error": _why(error)})
        return
    _say({"ready": True})
    for line in lines:
        _say(_answer(json.loads(line), programs, events, start))


def _answer(call: dict[str, Any], programs: dict[str, CodeType], events: dict[str, Any], start: Any) -> dict[str, Any]:
    row = Row(call)
    results: dict[str, str | None] = {}
    current, error, is_cancelled = "", "", False
    signal.setitimer(signal.ITIMER_REAL, start["row_s"])
    try:
        for current in call["programs"]:
            row.Result = None
            if current in programs:
                exec(programs[current], _surrounding(start["now"], row))  # noqa: S102 - what this program is for
                results[current] = _result(row)
            elif current in events:
                _fire(events[current], row)
    except RowCancelled:
        is_cancelled = True
    except TimeUp:
        error = f"it took longer than {start['row_s']:g} s"
    except Exception as failed:  # noqa: BLE001 - whatever a script does wrong is its row's error
        error = _why(failed)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return {
        "results": results, "cancelled": is_cancelled, "error": error, "program": current,
        "staging": row.StagingDestination.assigned, "query": str(row.Query), "notes": row.notes,
    }  # fmt: skip


def _result(row: Row) -> str | None:
    if row.Result is None:
        raise ValueError("the script assigns no DTM.Result")
    text = str(row.Result)
    if len(text) > _MOST_TEXT:
        raise ValueError("the text is too long")
    return text or None


def _fire(event: FunctionType, row: Row) -> None:
    # Under its own name as well, as everywhere else.
    event.__globals__["DTM"] = row
    event(*(row, row)[: event.__code__.co_argcount])


def _programs(start: dict[str, Any]) -> tuple[dict[str, CodeType], dict[str, Any]]:
    programs = {name: compile(_without_imports(code), name, "exec") for name, code in start["programs"].items()}
    whole = _surrounding(start["now"], None)
    exec(compile(_without_imports(start["module"]), "script", "exec"), whole)  # noqa: S102 - as above
    events = {name.removeprefix("DTM_"): value for name, value in whole.items() if isinstance(value, FunctionType)}
    return programs, events


def _without_imports(code: str) -> str:
    # What may be imported is there already; lines keep their numbers.
    return re.sub(r"^(\s*)import[ \t]+(re|math|datetime)[ \t]*$", r"\1pass", code, flags=re.MULTILINE)


def _surrounding(now: str, row: Row | None) -> dict[str, Any]:
    moment = dt.datetime.fromisoformat(now)
    return {
        "__builtins__": {name: getattr(__builtins__, name) for name in _SAFE} | {"__import__": _loaded},
        "DTM": row,
        "now": moment,
        "re": SimpleNamespace(**{n: getattr(re, n) for n in
                                 ("match", "fullmatch", "search", "sub", "split", "findall", "IGNORECASE")}),
        "math": SimpleNamespace(**{n: getattr(math, n) for n in ("floor", "ceil", "sqrt", "log", "pi")}),
        "datetime": SimpleNamespace(datetime=dt.datetime, date=dt.date, timedelta=dt.timedelta),
    }  # fmt: skip


def _loaded(name: str, *_more: object) -> object:
    """Return what times are written and read by, which ask for it under this name; scripts cannot call it."""
    return {"time": time, "_strptime": sys.modules.get("_strptime")}[name]


def _limit(memory_bytes: int) -> None:
    for name, most in (("AS", memory_bytes), ("FSIZE", 0), ("CORE", 0), ("NPROC", 0), ("NOFILE", 3)):
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (most, most))


def _lock() -> bool:
    """Let the kernel refuse what is not computing, for ever; False where it cannot."""
    known = _ARCHITECTURES.get(platform.machine())
    if known is None:
        return False
    audit, allowed = known
    steps = [(_LOAD, 0, 0, 4), (_IF_EQUAL, 1, 0, audit), (_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, 0)]
    # Jumps count from the next step: past the other comparisons and the refusal.
    steps += [(_IF_EQUAL, len(allowed) - at, 0, number) for at, number in enumerate(allowed)]
    steps += [(_RETURN, 0, 0, _REFUSE), (_RETURN, 0, 0, _ALLOW)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(steps), ctypes.addressof(code)))
    libc = ctypes.CDLL(None)
    has_given_up = libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0
    return has_given_up and bool(libc.prctl(_SECCOMP, _FILTER, program, 0, 0) == 0)


def _time_up(_signal: int, _frame: object) -> None:
    raise TimeUp


def _why(error: Exception) -> str:
    trace = error.__traceback__
    line = 0
    while trace is not None:
        line = trace.tb_lineno
        trace = trace.tb_next
    return f"line {line}: {type(error).__name__}: {error}"[:500]


def _lines() -> Any:
    left = b""
    while chunk := os.read(0, 65536):
        *whole, left = (left + chunk).split(b"\n")
        yield from whole


def _say(answer: dict[str, Any]) -> None:
    text = json.dumps(answer).encode() + b"\n"
    while text:
        text = text[os.write(1, text) :]


if __name__ == "__main__":
    main()
