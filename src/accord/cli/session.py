"""An open Accord for the length of one command."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from accord.cli.options import Options
from accord.cli.progress import watched
from accord.model.errors import NotFound

if TYPE_CHECKING:
    from accord.app import Accord


@contextmanager
def writing(options: Options) -> Iterator["Accord"]:
    """Open for runs, with progress for whoever watches; only one process may at a time."""
    from accord.app import open_accord
    from accord.cli.signals import heeding_signals
    from accord.engine.frames import interrupt_all

    with (
        watched(options) as progress,
        open_accord(options.config, options.data, progress=progress) as accord,
        accord.context.stop.waking(interrupt_all),
        heeding_signals(accord),
    ):
        yield accord


@contextmanager
def asking(options: Options) -> Iterator["Accord"]:
    """Open to ask whoever works on the store for something, beside a running server."""
    from accord.app import open_asking

    with open_asking(options.config, options.data) as accord:
        yield accord


@contextmanager
def reading(options: Options) -> Iterator["Accord"]:
    """Open for looking, which a run going on meanwhile does not hinder."""
    from accord.app import open_accord

    try:
        accord = open_accord(options.config, options.data, read_only=True)
    except NotFound:
        # No store yet: an empty one answers best.
        accord = open_accord(options.config, options.data)
    with accord:
        yield accord
