"""What the set engine may use of the machine, and what it means when that is not enough."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from accord.model.errors import ConfigError, SystemUnavailable

_MEMORY = re.compile(r"[1-9][0-9]*(\.[0-9]+)?\s*[KMGT]i?B", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Memory, threads, and the folder for what does not fit into the memory; None when nothing may leave it."""

    memory_limit: str = "2GB"
    threads: int = 2
    spill_folder: str | None = None


def room_from(environ: Mapping[str, str], *, spill_folder: str) -> Room:
    """Return the room that ACCORD_MEMORY and ACCORD_THREADS give; raise ConfigError naming the one that is wrong."""
    default = Room()
    memory = environ.get("ACCORD_MEMORY") or default.memory_limit
    if not _MEMORY.fullmatch(memory):
        raise ConfigError(
            f"{memory!r} is not an amount of memory", place="ACCORD_MEMORY", remedy="set it like ACCORD_MEMORY=4GB"
        )
    threads = environ.get("ACCORD_THREADS") or str(default.threads)
    if not (threads.isdecimal() and int(threads)):
        raise ConfigError(
            f"{threads!r} is not a number of threads", place="ACCORD_THREADS", remedy="set it like ACCORD_THREADS=4"
        )
    return Room(memory_limit=memory, threads=int(threads), spill_folder=spill_folder)


def out_of_memory(room: Room) -> SystemUnavailable:
    """Return the error that the memory is too little for a statement."""
    return SystemUnavailable(
        f"{room.memory_limit} of memory for {room.threads} threads are too little for this step, nothing was kept",
        place="ACCORD_MEMORY",
        remedy="give more memory (ACCORD_MEMORY=8GB) or use fewer threads (ACCORD_THREADS=1), then run again",
    )


def cannot_spill(room: Room, reason: str) -> SystemUnavailable:
    """Return the error that what does not fit into the memory cannot be written beside it."""
    return SystemUnavailable(
        f"what does not fit into {room.memory_limit} of memory cannot be written here, nothing of this step was kept: "
        f"{reason}",
        place=room.spill_folder or "",
        remedy="free space on this disk or give more memory (ACCORD_MEMORY=8GB), then run again",
    )
