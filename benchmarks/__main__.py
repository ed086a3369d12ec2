"""`python -m benchmarks cycle --people 100000 --store sqlite --json`."""

import argparse
import json
import sys
from collections.abc import Mapping
from typing import Any

from benchmarks import (
    cycle,
    datasync,
    delta,
    directories,
    groups,
    managers,
    policies,
    portal,
    preview,
    roles,
    server,
    sync,
)

_MEASURES = {
    "cycle": (cycle.measure, "first, unchanged and 1 %% cycle beside their floor"),
    "sync": (sync.measure, "full synchronisation without writing, at 10,000, 100,000 and N people"),
    "delta": (delta.measure, "a few changes among many, from the source to the pending exports"),
    "preview": (preview.measure, "what a changed rule would do to everybody, at 100,000 and N people"),
    "groups": (groups.measure, "very large groups: one changed member is one value"),
    "directories": (directories.measure, "users and groups from one OpenLDAP into another, checked exactly"),
    "roles": (roles.measure, "the fewest roles of ten public matrices, proven; planted roles found"),
    "policies": (policies.measure, "policies over many owners, and the least that mends"),
    "managers": (managers.measure, "managers of many owners, named in four ways"),
    "datasync": (datasync.measure, "a DataSync job into Active Directory, beside plain adds"),
    "server": (server.measure, "the server's answers during a big run, and what 50 clients cost it"),
    "portal": (portal.measure, "every page of the portal over a big population"),
}
_STORE = {"choices": ("sqlite", "postgresql"), "default": "sqlite"}
_OPTIONS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "cycle": {
        "people": {"type": int, "default": 100_000},
        "store": _STORE,
        "no-export": {"action": "store_true", "help": "leave out export and confirming import"},
    },
    "sync": {"people": {"type": int, "default": 100_000}, "store": _STORE},
    "delta": {
        "people": {"type": int, "default": 100_000},
        "changes": {"type": int, "default": 100},
        "export": {"action": "store_true", "help": "make the first accounts, instead of letting them wait"},
    },
    "preview": {"people": {"type": int, "default": 100_000}, "store": _STORE},
    "groups": {
        "groups": {"type": int, "default": 20_000},
        "memberships": {"type": int, "default": 5_000_000},
        "largest": {"type": int, "default": 500_000, "help": "members of the largest group"},
    },
    "directories": {"people": {"type": int, "default": 10_000}},
    "roles": {
        "no-trim": {"action": "store_true", "help": "do not make the fewest roles simple as well"},
        "users": {"type": int, "default": 0, "help": "mine so many users instead, some 18 assignments each"},
    },
    "policies": {"owners": {"type": int, "default": 1_000_000}, "rules": {"type": int, "default": 1_000}},
    "managers": {"owners": {"type": int, "default": 1_000_000}},
    "datasync": {"rows": {"type": int, "default": 5_000}, "unchanged": {"type": int, "default": 10_000}},
    "server": {"people": {"type": int, "default": 200_000}, "rounds": {"type": int, "default": 3}},
    "portal": {"people": {"type": int, "default": 100_000}},
}


def main() -> int:
    """Run one benchmark and print it."""
    arguments = _parser().parse_args()
    measure, _ = _MEASURES[arguments.command]
    result = measure(arguments)
    if arguments.json or "phases" not in result:
        print(json.dumps(result, indent=2))
        return 0
    for name, phase in result.pop("phases").items():  # type: ignore[union-attr]
        print(f"{name:<24} {phase['seconds']:>8.2f} s  {phase['cpu_seconds']:>8.2f} s cpu  {phase['peak_mb']:>6.0f} MB")
    for name, value in result.items():
        print(f"{name:<24} {value}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, (_, told) in _MEASURES.items():
        command = commands.add_parser(name, help=told)
        for option, settings in _OPTIONS[name].items():
            command.add_argument(f"--{option}", **settings)
        command.add_argument("--json", action="store_true", help="every phase, as JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
