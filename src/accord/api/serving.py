"""Listens: the application on its address, over TLS when there is a certificate."""

import gc
import os
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog
import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp

from accord.api.application import create_app
from accord.api.settings import Settings
from accord.app import Server
from accord.model.errors import SystemRefused, UsageError

_LOG = structlog.get_logger("accord.api")
_GRACE_S = 5
_TURN_S = 0.0005


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """Where to listen. Port 0: any that is free."""

    host: str
    port: int
    tls_cert: Path | None = None
    tls_key: Path | None = None


Beside = Callable[[FastAPI, Server, Settings], ASGIApp]
"""Puts another door beside the API on the same address."""


def listening_at(host: str, port: int) -> socket.socket:
    """Return a socket that listens there, whose connections send at once; raises OSError, OverflowError.

    An answer is sent in two parts, head and body. Without this the body waits until the client has acknowledged the
    head, which clients put off for 40 ms.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.create_server((host, port), family=family, reuse_port=False, backlog=512)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made


def listen(server: Server, settings: Settings, where: Listening, *, beside: Beside | None = None) -> None:
    """Answer requests until the process is told to end; raises UsageError, SystemRefused when it cannot listen."""
    if (where.tls_cert is None) != (where.tls_key is None):
        raise UsageError("TLS needs a certificate and its key", remedy="give both --tls-cert and --tls-key")
    listening = _bind(where)
    app = create_app(server, settings)
    config = uvicorn.Config(
        app if beside is None else beside(app, server, settings),
        ssl_certfile=where.tls_cert,
        ssl_keyfile=where.tls_key,
        log_config=None,
        access_log=False,
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=_GRACE_S,
    )
    scheme = "http" if where.tls_cert is None else "https"
    host, port = listening.getsockname()[:2]
    address = f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"
    try:
        _Telling(config, lambda: _tell_ready(address)).run([listening])
    finally:
        listening.close()
        # What nobody frees before the end, the engine takes for lost and says so on the terminal.
        gc.unfreeze()


class _Telling(uvicorn.Server):
    """Tells when it can be asked."""

    def __init__(self, config: uvicorn.Config, tell: Callable[[], None]) -> None:
        super().__init__(config)
        self._tell = tell

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer."""
        await super().startup(sockets)
        _prefer_answers()
        if self.started:
            self._tell()


def _prefer_answers() -> None:
    """Let an answer wait for nothing long: neither for a thread that computes, nor for a search of all there is."""
    sys.setswitchinterval(_TURN_S)
    # What has been loaded stays for ever; to look through it for garbage takes a tenth of a second.
    gc.collect()
    gc.freeze()


def _bind(where: Listening) -> socket.socket:
    try:
        return listening_at(where.host, where.port)
    except (OSError, OverflowError) as error:
        raise SystemRefused(
            f"nobody can listen there: {error}", place=f"{where.host}:{where.port}",
            remedy="name another --port, or end what listens there",
        ) from error  # fmt: skip


def _tell_ready(address: str) -> None:
    _LOG.info("serving", address=address, pid=os.getpid())
    notify = os.environ.get("NOTIFY_SOCKET")
    if not notify:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.connect(f"\0{notify[1:]}" if notify.startswith("@") else notify)
        told.send(b"READY=1")
