"""`python -m benchmarks cycle --people 100000 --store sqlite --json`."""

import argparse
import json
import sys

from benchmarks import cycle, datasync, delta, directories, groups, managers, policies, portal, roles, server, sync

_MEASURES = {
    "cycle": cycle.measure,
    "delta": delta.measure,
    "directories": directories.measure,
    "groups": groups.measure,
    "sync": sync.measure,
    "roles": roles.measure,
    "policies": policies.measure,
    "managers": managers.measure,
    "datasync": datasync.measure,
    "server": server.measure,
    "portal": portal.measure,
}


def main() -> int:
    """Run one benchmark and print it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("cycle", help="first, unchanged and 1 % cycle beside their floor")
    one.add_argument("--people", type=int, default=100_000)
    one.add_argument("--store", choices=("sqlite", "postgresql"), default="sqlite")
    one.add_argument("--no-export", action="store_true", help="leave out export and confirming import")
    one.add_argument("--json", action="store_true")
    whole = commands.add_parser("sync", help="full synchronisation without writing, at 10,000, 100,000 and N people")
    whole.add_argument("--people", type=int, default=100_000)
    whole.add_argument("--store", choices=("sqlite", "postgresql"), default="sqlite")
    whole.add_argument("--json", action="store_true")
    mining = commands.add_parser("roles", help="the fewest roles of ten public matrices, proven; planted roles found")
    mining.add_argument("--no-trim", action="store_true", help="do not make the fewest roles simple as well")
    mining.add_argument("--json", action="store_true")
    judging = commands.add_parser("policies", help="policies over many owners, and the least that mends")
    judging.add_argument("--owners", type=int, default=1_000_000)
    judging.add_argument("--rules", type=int, default=1_000)
    judging.add_argument("--json", action="store_true")
    reporting = commands.add_parser("managers", help="managers of many owners, named in four ways")
    reporting.add_argument("--owners", type=int, default=1_000_000)
    reporting.add_argument("--json", action="store_true")
    few = commands.add_parser("delta", help="a few changes among many, from the source to the pending exports")
    few.add_argument("--people", type=int, default=100_000)
    few.add_argument("--changes", type=int, default=100)
    few.add_argument("--export", action="store_true", help="make the first accounts, instead of letting them wait")
    few.add_argument("--json", action="store_true")
    large = commands.add_parser("groups", help="very large groups: one changed member is one value")
    large.add_argument("--groups", type=int, default=20_000)
    large.add_argument("--memberships", type=int, default=5_000_000)
    large.add_argument("--largest", type=int, default=500_000, help="members of the largest group")
    large.add_argument("--json", action="store_true")
    between = commands.add_parser(
        "directories", help="users and groups from one OpenLDAP into another, checked exactly"
    )
    between.add_argument("--people", type=int, default=10_000)
    between.add_argument("--json", action="store_true")
    sheet = commands.add_parser("datasync", help="a DataSync job into Active Directory, beside plain adds")
    sheet.add_argument("--rows", type=int, default=5_000)
    sheet.add_argument("--json", action="store_true")
    serving = commands.add_parser("server", help="the server's answers during a big run, and what 50 clients cost it")
    serving.add_argument("--people", type=int, default=200_000)
    serving.add_argument("--rounds", type=int, default=3)
    serving.add_argument("--json", action="store_true")
    _add_portal(commands.add_parser("portal", help="every page of the portal over a big population"))
    arguments = parser.parse_args()
    result = _MEASURES[arguments.command](arguments)
    if arguments.json or "phases" not in result:
        print(json.dumps(result, indent=2))
        return 0
    for name, phase in result.pop("phases").items():  # type: ignore[union-attr]
        print(f"{name:<20} {phase['seconds']:>8.2f} s  {phase['cpu_seconds']:>8.2f} s cpu  {phase['peak_mb']:>6.0f} MB")
    for name, value in result.items():
        print(f"{name:<20} {value}")
    return 0


def _add_portal(looking: argparse.ArgumentParser) -> None:
    looking.add_argument("--people", type=int, default=100_000)
    looking.add_argument("--json", action="store_true")


if __name__ == "__main__":
    sys.exit(main())
