"""Every page over a population of any size, asked of a real server: the first answer, the usual one, and its CPU.

The population is read and synchronised, its accounts wait to be sent, and the plan that made them is kept: pages over
a million rows are pages over identities, objects, pending exports and the changes of a plan.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil

from accord.app import open_accord, open_server
from accord.operations.access import Role
from accord.operations.administrators import add_administrator
from accord.runs.import_run import run_import
from accord.runs.sync_run import run_plan, run_sync
from benchmarks.cycle import write_configuration

_PASSWORD = "only for this benchmark"  # noqa: S105 - of a server that lives for a minute
_ROUNDS = 7
_PAGES = (
    "/", "/home/running", "/plans", "/plans/{plan}", "/plans/{plan}?after={middle}", "/plans/{plan}?operation=create",
    "/plans/{plan}?text={number}", "/plans/{plan}?text=nobody", "/plans/{plan}/attributes", "/runs", "/runs/A1",
    "/runs/A4", "/identities", "/identities?text=Anna", "/identities?text={number}", "/identities?text=nobody",
    "/identities?after={middle}", "/identities/{middle}", "/systems", "/systems/directory",
    "/systems/directory/objects",
    "/systems/hr/objects?after={middle}", "/systems/hr/objects?text={number}", "/systems/directory/waiting",
    "/systems/directory/waiting?operation=delete", "/systems/directory/waiting?state=failed", "/rules",
    "/rules/hr-person", "/jobs", "/jobs/queue", "/reviews", "/governance", "/governance?kind=violation", "/datasync",
    "/configuration", "/administration", "/administration/audit",
)  # fmt: skip


_PIECES = (
    "/identities/{middle}/why",
    "/identities/{middle}/why-accounts",
    "/identities/{middle}/why-not",
    "/identities/{middle}/around",
)
"""What comes after its page, computed when somebody asks."""


def measure(arguments: argparse.Namespace) -> dict[str, object]:
    """Serve a population and ask for every page."""
    with tempfile.TemporaryDirectory(prefix="accord-bench-") as name:
        folder = Path(name)
        plan = _populate(folder, arguments.people)
        with _serving(folder) as (process, address):
            return {"people": arguments.people, **_measured(process, address, plan, arguments.people)}


def _populate(folder: Path, people: int) -> str:
    write_configuration(folder / "config", people)
    person = folder / "config" / "types" / "person.yaml"
    # Names are computed wherever somebody is shown, as with most people's own configuration.
    person.write_text(
        f"{person.read_text(encoding='utf-8')}display: first_name || ' ' || last_name\n", encoding="utf-8"
    )
    with open_accord(folder / "config", folder / "data") as accord:
        run_import(accord.context, "hr")
        run_import(accord.context, "directory")
        planned = run_plan(accord.context)
        run_sync(accord.context)
    with open_server(folder / "data", config=folder / "config") as server, server.writing("benchmark") as context:
        add_administrator(context, "anna", _PASSWORD, frozenset({Role.ADMINISTRATOR}))
    if planned.plan_id is None:
        raise RuntimeError("nothing was planned")
    return planned.plan_id


def _measured(process: psutil.Process, address: str, plan: str, people: int) -> dict[str, object]:
    with httpx.Client(base_url=address, timeout=300, trust_env=False) as client:
        signed_in = client.post("/sign-in", data={"name": "anna", "secret": _PASSWORD})
        if signed_in.status_code != httpx.codes.SEE_OTHER:
            raise RuntimeError("nobody was let in")
        values = {"plan": plan, "middle": people // 2, "number": f"E{people // 2:08}"}
        laid_out_s, attributes_s = _prepared(client, plan)
        pages = {path: _ask(client, process, path.format(**values)) for path in _PAGES}
        pieces = {path: _ask(client, process, path.format(**values)) for path in _PIECES}
        return {
            "plan_laid_out_s": laid_out_s, "attributes_counted_s": attributes_s, "pages": pages, "pieces": pieces,
            "slowest_ms": max(p["median_ms"] for p in pages.values()),
            "slowest_first_ms": max(p["first_ms"] for p in pages.values()),
            "over_300_ms": [path for path, p in pages.items() if p["median_ms"] > 300],
            "over_300_ms_of_processor": [path for path, p in pages.items() if p["cpu_ms"] > 300],
        }  # fmt: skip


def _prepared(client: httpx.Client, plan: str) -> tuple[float, float]:
    """Return how long after the first look the changes of the plan, and its attributes, are there."""
    began = time.perf_counter()
    _until(client, f"/plans/{plan}", "Laying the changes out")
    laid_out = time.perf_counter()
    _until(client, f"/plans/{plan}/attributes", "Counting every value")
    return round(laid_out - began, 2), round(time.perf_counter() - laid_out, 2)


def _until(client: httpx.Client, path: str, waiting: str) -> None:
    while re.search(waiting, client.get(path).text):
        time.sleep(0.2)


def _ask(client: httpx.Client, process: psutil.Process, path: str) -> dict[str, float]:
    took, before = [], _cpu_s(process)
    for _ in range(_ROUNDS):
        asked = time.perf_counter()
        answer = client.get(path)
        took.append((time.perf_counter() - asked) * 1000)
        if answer.status_code != httpx.codes.OK:
            raise RuntimeError(f"{path} answers {answer.status_code}")
    cpu_ms = (_cpu_s(process) - before) / _ROUNDS * 1000
    return {
        "first_ms": round(took[0], 1), "median_ms": round(statistics.median(took[1:]), 1), "cpu_ms": round(cpu_ms, 1)
    }  # fmt: skip


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


@contextmanager
def _serving(folder: Path) -> Iterator[tuple[psutil.Process, str]]:
    command = [
        sys.executable, "-m", "accord", "serve", "--port", "0", "-c", str(folder / "config"), "--data",
        str(folder / "data"),
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ)) as process:
        address = ""
        for line in process.stdout or ():
            if '"serving"' in line:
                address = re.search(r'"address": "([^"]+)"', line)[1]  # type: ignore[index]
                break
        # What it logs meanwhile must go somewhere, or it would wait.
        drain = subprocess.Popen(["/bin/cat"], stdin=process.stdout, stdout=subprocess.DEVNULL)
        try:
            yield psutil.Process(process.pid), address
        finally:
            process.terminate()
            process.wait(60)
            drain.wait(10)
