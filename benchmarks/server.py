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
from datetime import datetime
from pathlib import Path

import httpx
import psutil

_KEY = "jim_ak_" + "0123456789abcdef" * 3
_CLIENTS = 50
_EVERY_S = 2.0
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
        await _run(api, places["big"])
        alone, polled, took = [], [], []
        for turn in range(rounds):
            _change(data / "big.csv", turn)
            alone.append((await _run(api, places["big"]))[0])
            _change(data / "big.csv", turn + 1000)
            before = _cpu_s(process)
            run_s, waits = await _run_with_clients(api, places["big"])
            polled.append((run_s, _cpu_s(process) - before))
            took += waits
        return {
            "accepted_ms": round(statistics.median(s[0] for s in starts), 1),
            "accepted_to_running_ms": {"median": round(statistics.median(s[1] for s in starts), 1),
                                       "max": round(max(s[1] for s in starts), 1)},
            "accepted_to_running_in_a_row_ms": round(statistics.median(s[1] for s in in_a_row), 1),
            "progress_ms": {"reads": len(took), "median": round(statistics.median(took), 1),
                            "p99": round(statistics.quantiles(took, n=100)[98], 1)},
            "run_s_alone": [round(s, 2) for s in alone],
            f"run_s_with_{_CLIENTS}_clients": [round(s, 2) for s, _ in polled],
            "server_cpu_s_meanwhile": [round(cpu, 2) for _, cpu in polled],
            "cost_of_clients_percent": round(
                (statistics.median(s for s, _ in polled) / statistics.median(alone) - 1) * 100, 1
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


async def _run(api: httpx.AsyncClient, place: str) -> tuple[float, str]:
    accepted = (await api.post(place)).json()
    return _lasted(await _ended(api, accepted["activityId"])), accepted["activityId"]


async def _run_with_clients(api: httpx.AsyncClient, place: str) -> tuple[float, list[float]]:
    accepted = (await api.post(place)).json()
    activity, waits = accepted["activityId"], []
    over = asyncio.Event()

    async def watch(number: int) -> None:
        await asyncio.sleep(number * _EVERY_S / _CLIENTS)
        while not over.is_set():
            asked = time.perf_counter()
            answer = await api.get(f"/api/v1/activities/{activity}/progress")
            waits.append((time.perf_counter() - asked) * 1000)
            assert answer.status_code == 200
            await asyncio.sleep(_EVERY_S)

    clients = [asyncio.create_task(watch(number)) for number in range(_CLIENTS)]
    detail = await _ended(api, activity)
    over.set()
    for client in clients:
        client.cancel()
    await asyncio.gather(*clients, return_exceptions=True)
    return _lasted(detail), waits


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
