"""The command that serves: API, scheduler and workers in one process."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from accord.cli.exit_codes import ExitCode
from accord.cli.options import DEFAULTS, LogFormat, Options

if TYPE_CHECKING:
    from accord.app import Server

_LOOK_S = 0.2
AtOnce = Annotated[int, Parameter(name="--at-once", help="How many jobs to do side by side, each in its process.")]


def serve(  # noqa: PLR0913 - each option is one
    *,
    host: Annotated[str, Parameter(name="--host", help="The address to listen at.")] = "127.0.0.1",
    port: Annotated[int, Parameter(name="--port", help="The port to listen at.")] = 8080,
    tls_cert: Annotated[Path | None, Parameter(name="--tls-cert", help="Certificate chain (PEM).")] = None,
    tls_key: Annotated[Path | None, Parameter(name="--tls-key", help="Its key (PEM).")] = None,
    at_once: AtOnce = 2,
    log: Annotated[LogFormat, Parameter(name="--log", help="How events are written.")] = "json",
    options: Options = DEFAULTS,
) -> int:
    """Serve the API and the portal, run what is asked for, and keep the schedules, until told to end.

    Without a configuration folder the store keeps the configuration, and the API changes it.
    """
    from concurrent.futures import ThreadPoolExecutor

    from accord.api.serving import Listening, listen
    from accord.api.settings import settings_from
    from accord.app import open_server
    from accord.cli.logs import configure_logs, keep_logs
    from accord.operations.logs import log_folder
    from accord.portal.application import with_portal
    from accord.worker import running_worker

    configure_logs(log)
    settings = settings_from()
    with open_server(options.data, config=options.config) as server:
        keep_logs(log_folder(server.places.data), "server")
        try:
            where = Listening(host=host, port=port, tls_cert=tls_cert, tls_key=tls_key)
            with ThreadPoolExecutor(1) as beside, running_worker(server, config=options.config, at_once=at_once):
                # What is wrong with the rules is told by the page that wants them.
                beside.submit(_make_ready, server)
                listen(server, settings, where, beside=with_portal)
        except KeyboardInterrupt:
            # Being told to end is how a server ends well.
            return ExitCode.OK
    return ExitCode.OK


def _make_ready(server: "Server") -> None:
    """Compile the rules before somebody waits for a page about them."""
    from accord.operations.flow_map import read_flow_map

    with server.reading("portal") as context:
        read_flow_map(context)


def worker(
    *,
    at_once: AtOnce = 2,
    log: Annotated[LogFormat, Parameter(name="--log", help="How events are written.")] = "json",
    options: Options = DEFAULTS,
) -> int:
    """Do what is queued, until told to end; on PostgreSQL any number of workers share the work of their servers."""
    from accord.app import open_server
    from accord.cli.logs import configure_logs, keep_logs
    from accord.operations.logs import log_folder
    from accord.worker import running_worker

    configure_logs(log)
    with (
        open_server(options.data, config=options.config) as server,
        running_worker(server, config=options.config, at_once=at_once),
    ):
        keep_logs(log_folder(server.places.data), "worker")
        _wait_to_be_told()
    return ExitCode.OK


def _wait_to_be_told() -> None:
    """Wait for SIGINT or SIGTERM."""
    import signal
    import time

    told: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda which, _frame: told.append(which))
    while not told:
        time.sleep(_LOOK_S)
