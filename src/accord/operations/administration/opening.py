"""Opening a system that may be a draft still: settings are enough, object types may follow."""

import os

from accord.config.opening import resolved
from accord.connectors.authorities import trusting
from accord.operations.administration.connectors import kind_named
from accord.operations.administration.desk import Desk
from accord.operations.systems import ConnectionTest, Fact
from accord.runs.context import OpenedSystem


def opened_draft(desk: Desk, name: str) -> OpenedSystem:
    """Return the connector of a system, open; raises ConfigError when its settings or a secret are wrong."""
    kind = kind_named(desk, desk.read.systems[name].connector)
    vault = desk.context.vault
    settings = resolved(
        kind.settings, desk.read.settings.get(name, {}), desk.configured.base, environ=os.environ,
        place=f"systems/{name}.yaml", secret_of=vault.open if vault is not None else None,
    )  # fmt: skip
    trusted = trusting(kind, settings, desk.read.accord.authorities, desk.configured.base)
    return OpenedSystem(connector=kind.open(trusted), capabilities=kind.capabilities)


def test_draft(desk: Desk, name: str) -> ConnectionTest:
    """Return what a system says of itself; raise SystemUnavailable or SystemRefused with a remedy."""
    opened = opened_draft(desk, name)
    try:
        report = opened.connector.test()
    finally:
        opened.connector.close()
    facts = tuple(Fact(name=fact, text=text) for fact, text in report.facts)
    return ConnectionTest(system=name, connector=desk.read.systems[name].connector, facts=facts)
