"""What a changed rule would do to everybody, before anything is written: planned, checked by the guard and kept.

Everybody has a confirmed account; then one outbound flow is changed, so that every account gets another value. Of that
only accounts are decided about. `inbound` is the same of a flow that makes every identity another: everything is.

The floor is what no preview can avoid: taking the documents of persons and accounts out of the same store, making
columns of them and documents of the columns, once, with nothing decided and nothing kept.
"""

import tempfile
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from accord.app import open_accord
from accord.runs.export_run import run_export
from accord.runs.import_run import run_import
from accord.runs.sync_run import run_plan, run_sync
from benchmarks.cycle import store_url, write_configuration
from benchmarks.goals import at_most
from benchmarks.meter import Meter
from benchmarks.sync import take_documents

_SMALL = 100_000
_GOALS = {_SMALL: 2, 1_000_000: 20}
_BEFORE, _AFTER = "  title: title\n", "  title: upper(title)\n"
_RULE, _INBOUND = "directory-account", "hr-person"


def measure(arguments: Namespace) -> dict[str, object]:
    """Preview a changed rule over 100,000 and over as many people as asked for; return phases and floors."""
    meter = Meter()
    sizes = [*(size for size in (_SMALL,) if size < arguments.people), arguments.people]
    changed = {people: _preview(arguments, meter, people) for people in sizes}
    phases = meter.phases
    return {
        "people": arguments.people,
        "store": arguments.store,
        "phases": phases,
        "accounts_changed": changed,
        "to_floor": {n: round(phases[f"preview {n}"]["seconds"] / phases[f"floor {n}"]["seconds"], 2) for n in sizes},
        "to_floor_cpu": {
            n: round(phases[f"preview {n}"]["cpu_seconds"] / phases[f"floor {n}"]["cpu_seconds"], 2) for n in sizes
        },
        "peak_mb": max(p["peak_mb"] for p in phases.values()),
        "goals": [
            at_most(f"seconds to preview a changed rule over {n:,}", phases[f"preview {n}"]["seconds"], _GOALS[n])
            for n in sizes
            if n in _GOALS
        ],
    }


def _preview(arguments: Namespace, meter: Meter, people: int) -> int:
    with tempfile.TemporaryDirectory(prefix="accord-bench-") as name, store_url(arguments.store, Path(name)) as url:
        config, data = Path(name) / "config", Path(name) / "data"
        write_configuration(config, people)
        with open_accord(config, data, url=url) as accord:
            run_import(accord.context, "hr")
            run_sync(accord.context)
            run_export(accord.context, "directory")
            run_import(accord.context, "directory")
            run_sync(accord.context)
        with _changed(config, _RULE), open_accord(config, data, url=url) as accord:
            with meter.phase(f"preview {people}"):
                planned = run_plan(accord.context)
            with meter.phase(f"floor {people}"):
                take_documents(accord, ("hr", "directory"))
        with (
            _changed(config, _INBOUND),
            open_accord(config, data, url=url) as accord,
            meter.phase(f"preview {people}: inbound"),
        ):
            run_plan(accord.context)
    return sum(count.count for count in planned.counts if count.area == "export")


@contextmanager
def _changed(config: Path, name: str) -> Iterator[None]:
    """Change one flow of a rule, and put it back."""
    rule = config / "rules" / f"{name}.yaml"
    text = rule.read_text(encoding="utf-8")
    rule.write_text(text.replace(_BEFORE, _AFTER), encoding="utf-8")
    yield
    rule.write_text(text, encoding="utf-8")
