"""The server while it works: from accepted to running, progress read during a big run, and what 50 clients cost it."""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import httpx
import psutil

_KEY = "jim_ak_" + "0123456789abcdef" * 3
_CLIENTS = 50
_EVERY_S = 1.0
_CORES = os.cpu_count() or 1
_SYSTEM = """
system: {name}
connector: csv
settings: {{path: {name}.csv}}
objects:
  person:
    anchor: number
    attributes: {{number: text, name: text, mail: text, department: text}}
"""


def measure(arguments: argparse.Namespace) -> dict[str, object]:
    """Serve two CSV systems, one small and one big, over loopback."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _declare(folder, arguments.people)
        with _serving(folder / "data") as (process, address):
            return asyncio.run(_measured(process, address, folder / "data", arguments.rounds))


async def _measured(process: psutil.Process, address: str, data: Path, rounds: int) -> dict[str, object]:
    async with httpx.AsyncClient(base_url=address, headers={"X-API-Key": _KEY}, timeout=30, trust_env=False) as api:
        places = await _places(api)
        starts = [await _started_after_ms(api, places["small"], pause_s=5) for _ in range(6)]
        in_a_row = [await _started_after_ms(api, places["small"], pause_s=0) for _ in range(6)]
        await _run(api, process, places["big"])
        alone, polled = [], []
        for turn in range(2 * rounds):
            _change(data / "big.csv", turn)
            # Which of the two comes first changes: what an earlier run left behind must not speak for either.
            is_polled = turn % 4 in (1, 2)
            watched = Watched(address) if is_polled else None
            (polled if is_polled else alone).append(await _run(api, process, places["big"], watched))
    took = [wait for run in polled for wait in run.waits_ms]
    return {
        "accepted_ms": _rounded(statistics.median(s[0] for s in starts)),
        "accepted_to_running_ms": {"median": _rounded(statistics.median(s[1] for s in starts)),
                                   "max": _rounded(max(s[1] for s in starts))},
        "accepted_to_running_in_a_row_ms": _rounded(statistics.median(s[1] for s in in_a_row)),
        "progress_ms": {"reads": len(took), **_spread(took)},
        "progress_ms_by_run": [_spread(run.waits_ms) for run in polled],
        "run_s_alone": [round(run.wall_s, 2) for run in alone],
        f"run_s_with_{_CLIENTS}_clients": [round(run.wall_s, 2) for run in polled],
        "server_cpu_s_alone": [round(run.server_s, 2) for run in alone],
        f"server_cpu_s_with_{_CLIENTS}_clients": [round(run.server_s, 2) for run in polled],
        "clients_cpu_s": [round(run.clients_s, 2) for run in polled],
        "cost_of_clients_percent": _percent([run.wall_s for run in polled], [run.wall_s for run in alone]),
        "cost_of_clients_least_percent": _percent([min(r.wall_s for r in polled)], [min(r.wall_s for r in alone)]),
        "share_of_processors_for_answers_percent": _rounded(
            100 * statistics.median((r.server_s - statistics.median(a.server_s for a in alone)) / r.wall_s / _CORES
                                    for r in polled)
        ),
    }  # fmt: skip


async def _started_after_ms(api: httpx.AsyncClient, place: str, *, pause_s: float) -> tuple[float, float]:
    # A process is kept warm for the next run; right after a run the next one is still getting warm.
    await asyncio.sleep(pause_s)
    asked = time.perf_counter()
    accepted = (await api.post(place)).json()
    answered_ms = (time.perf_counter() - asked) * 1000
    detail = await _ended(api, accepted["activityId"])
    waited = datetime.fromisoformat(detail["executed"]) - datetime.fromisoformat(detail["created"])
    return answered_ms, waited.total_seconds() * 1000


async def _run(api: httpx.AsyncClient, process: psutil.Process, place: str, watched: "Watched | None" = None) -> "Run":
    before, own = _cpu_s(process), time.process_time()
    activity = (await api.post(place)).json()["activityId"]
    if watched is not None:
        await watched.begin(activity)
    detail = await _ended(api, activity)
    waits = [] if watched is None else await watched.end()
    return Run(
        wall_s=_lasted(detail), server_s=_cpu_s(process) - before, clients_s=time.process_time() - own, waits_ms=waits
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of the big system: how long it took, what server and clients worked meanwhile."""

    wall_s: float
    server_s: float
    clients_s: float
    waits_ms: list[float]


class Watched:
    """Clients that ask how far a run is, each once a second on a connection it keeps.

    They speak HTTP over a bare socket: they share the processors with what is measured, and real ones would not.
    """

    def __init__(self, address: str) -> None:
        self._host, _, self._port = address.removeprefix("http://").partition(":")
        self._waits: list[float] = []
        self._clients: list[asyncio.Task[None]] = []

    async def begin(self, activity: str) -> None:
        """Let all of them begin, evenly spread over a second."""
        asked = (
            f"GET /api/v1/activities/{activity}/progress HTTP/1.1\r\nHost: {self._host}\r\nX-API-Key: {_KEY}\r\n\r\n"
        )
        self._clients = [asyncio.create_task(self._watch(n, asked.encode())) for n in range(_CLIENTS)]

    async def end(self) -> list[float]:
        """Return how long each answer took, in milliseconds."""
        for client in self._clients:
            client.cancel()
        for ended in await asyncio.gather(*self._clients, return_exceptions=True):
            if isinstance(ended, Exception):
                raise ended
        return self._waits

    async def _watch(self, number: int, asked: bytes) -> None:
        await asyncio.sleep(number * _EVERY_S / _CLIENTS)
        reader, writer = await asyncio.open_connection(self._host, int(self._port))
        try:
            while True:
                began = time.perf_counter()
                writer.write(asked)
                head = await reader.readuntil(b"\r\n\r\n")
                assert head.startswith(b"HTTP/1.1 200"), head
                length = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
                await reader.readexactly(int(length.split(b":")[1]))
                self._waits.append((time.perf_counter() - began) * 1000)
                await asyncio.sleep(_EVERY_S)
        finally:
            writer.close()


async def _ended(api: httpx.AsyncClient, activity: str) -> dict[str, str]:
    while True:
        detail = (await api.get(f"/api/v1/activities/{activity}")).json()
        if detail["status"] != "InProgress":
            assert detail["status"] == "Complete", detail
            return detail
        await asyncio.sleep(0.3)


def _lasted(detail: dict[str, str]) -> float:
    hours, minutes, seconds = detail["executionTime"].split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


async def _places(api: httpx.AsyncClient) -> dict[str, str]:
    base = "/api/v1/synchronisation/connected-systems"
    places = {}
    for system in (await api.get(base)).json()["items"]:
        profiles = (await api.get(f"{base}/{system['id']}/run-profiles")).json()
        full = next(profile["id"] for profile in profiles if profile["runType"] == "FullImport")
        places[system["name"]] = f"{base}/{system['id']}/run-profiles/{full}/execute"
    return places


def _declare(folder: Path, people: int) -> None:
    (folder / "configuration" / "systems").mkdir(parents=True)
    (folder / "data").mkdir()
    (folder / "configuration" / "accord.yaml").write_text("guard: {}\n", encoding="utf-8")
    for name, count in (("small", 10), ("big", people)):
        (folder / "configuration" / "systems" / f"{name}.yaml").write_text(_SYSTEM.format(name=name), encoding="utf-8")
        rows = "".join(f"{n},Person {n},p{n}@example.org,0\n" for n in range(count))
        (folder / "data" / f"{name}.csv").write_text("number,name,mail,department\n" + rows, encoding="utf-8")
    subprocess.run(
        [sys.executable, "-m", "accord", "import", folder / "configuration", "--data", folder / "data"],
        check=True, capture_output=True,
    )  # fmt: skip


def _change(file: Path, turn: int) -> None:
    """Let every person move to another department, so that every run has the same work."""
    lines = file.read_text(encoding="utf-8").splitlines()
    moved = [line.rpartition(",")[0] + f",{turn + 1}" for line in lines[1:]]
    file.write_text("\n".join([lines[0], *moved]) + "\n", encoding="utf-8")


def _rounded(value: float) -> float:
    return round(value, 1)


def _spread(waits_ms: list[float]) -> dict[str, float]:
    return {"median": _rounded(statistics.median(waits_ms)),
            "p99": _rounded(statistics.quantiles(waits_ms, n=100)[98])}  # fmt: skip


def _percent(these: list[float], those: list[float]) -> float:
    return _rounded((statistics.median(these) / statistics.median(those) - 1) * 100)


def _cpu_s(process: psutil.Process) -> float:
    """Return the time the server itself worked; runs are processes of their own."""
    times = process.cpu_times()
    return times.user + times.system


@contextmanager
def _serving(data: Path):  # noqa: ANN202 - a context manager of two
    environ = {**os.environ, "ACCORD_BOOTSTRAP_KEY": _KEY}
    command = [sys.executable, "-m", "accord", "serve", "--port", "0", "--data", data]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ) as process:
        for line in process.stdout:
            if '"serving"' in line:
                break
        # What it logs meanwhile must go somewhere, or it would wait.
        drain = subprocess.Popen(["/bin/cat"], stdin=process.stdout, stdout=subprocess.DEVNULL)
        try:
            yield psutil.Process(process.pid), json.loads(line)["address"]
        finally:
            process.terminate()
            process.wait(60)
            drain.wait(10)
