"""Being told to end (Ctrl-C, SIGTERM): a run is asked to stop and says what it did; anything else ends at once."""

import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

from accord.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from accord.app import Accord

_NUMBERS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def heeding_signals(accord: "Accord") -> Iterator[None]:
    """Turn signals into a request to stop while a run goes on; the second one ends the process where it stands.

    A thread hears of them, because the main one may be deep in a library that comes back only when it is done.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    ear, mouth = socket.socketpair()
    mouth.setblocking(False)
    listener = threading.Thread(target=_listen, args=(ear, accord), name="signals", daemon=True)
    listener.start()
    before = {number: signal.signal(number, _interrupt_when_idle(accord)) for number in _NUMBERS}
    wakeup = signal.set_wakeup_fd(mouth.fileno(), warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(wakeup)
        for number, handler in before.items():
            signal.signal(number, handler)
        mouth.close()
        listener.join()
        ear.close()


def _listen(ear: socket.socket, accord: "Accord") -> None:
    stop = accord.context.stop
    while numbers := ear.recv(64):
        for number in numbers:
            if number not in _NUMBERS or not stop.is_heeded:
                continue
            if stop.by:
                # As if killed: the store takes back what was not committed, and the next start closes the record.
                os._exit(ExitCode.CANCELLED)
            stop.request(accord.context.actor)


def _interrupt_when_idle(accord: "Accord") -> "signal._HANDLER":
    def handle(_number: int, _frame: FrameType | None) -> None:
        if not accord.context.stop.is_heeded:
            raise KeyboardInterrupt

    return handle
