"""Leaves tests out whose servers or libraries this machine does not have, and says so at the end."""

from collections import Counter
from importlib.util import find_spec

import pytest

from accord.testing.private_mariadb import find_mariadb
from accord.testing.private_postgres import find_postgres
from accord.testing.private_slapd import find_slapd

_LEFT_OUT = pytest.StashKey[Counter[str]]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    missing = _missing()
    left_out = config.stash.setdefault(_LEFT_OUT, Counter())
    for item in items:
        for marker in item.iter_markers():
            if marker.name in missing:
                item.add_marker(pytest.mark.skip(reason=f"{marker.name}: {missing[marker.name]}"))
                left_out[f"{marker.name}: {missing[marker.name]}"] += 1


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for reason, count in sorted(config.stash.get(_LEFT_OUT, Counter()).items()):
        terminalreporter.write_line(f"LEFT OUT: {count} tests, {reason}", yellow=True, bold=True)


def _missing() -> dict[str, str]:
    needs = {
        "ldap": [("slapd", find_slapd() is not None), ("python-ldap", find_spec("ldap") is not None)],
        "postgresql": [
            ("PostgreSQL server binaries", find_postgres() is not None),
            ("adbc-driver-postgresql", find_spec("adbc_driver_postgresql") is not None),
            ("psycopg", find_spec("psycopg") is not None),
        ],
        "mariadb": [
            ("MariaDB server binaries", find_mariadb() is not None),
            ("connectorx", find_spec("connectorx") is not None),
            ("pymysql", find_spec("pymysql") is not None),
        ],
    }
    lacks = {marker: [name for name, is_there in parts if not is_there] for marker, parts in needs.items()}
    return {marker: f"this machine lacks {' and '.join(names)}" for marker, names in lacks.items() if names}
