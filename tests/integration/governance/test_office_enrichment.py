"""Derived values of a real office: by changes always as a whole enrichment finds them, with the coverage."""

from typing import Any

import pytest
from office import Office, group_dn, person, user_dn

pytestmark = [pytest.mark.ldap, pytest.mark.slow]

RULES: list[dict[str, Any]] = [
    {"id": "code", "kind": "lookup", "target": "code", "source": "department", "table": {"sales": "S", "finance": "F"}},
    {"id": "other", "kind": "derive", "target": "code", "expression": "upper(left(title, 1))", "order": 200},
    {"id": "reports", "kind": "aggregate", "target": "reports", "relation": "reports", "function": "count"},
    {"id": "boss", "kind": "inherit", "target": "boss", "relation": "manager", "source": "mail"},
    {"id": "groups", "kind": "aggregate", "target": "groups", "relation": "groups", "source": "cn", "function": "list"},
]


def enrich(office: Office) -> dict[str, Any]:
    """Enrich by changes, and require that doing it whole would find nothing else."""
    done = office.run("enrichment")
    assert done["status"] == "completed", done
    coverage = office.ask("/api/v1/enrichment/coverage")["items"]
    whole = office.run("enrichment", whole=True, preview=True)
    assert whole["counts"] == [], whole["message"]
    office.run("enrichment", whole=True)
    assert office.ask("/api/v1/enrichment/coverage")["items"] == coverage
    return done


def test_what_changes_concern_is_computed_anew_and_all_else_stays(local_office: Office) -> None:
    local_office.run("full_sync")
    local_office.run("manager_resolution")
    for rule in RULES[:2]:
        assert local_office.client.put("/api/v1/enrichment/rules", json=rule).status_code == 200
    assert "concern" not in enrich(local_office)["message"]
    assert "of 0 owners whom changes concern" in enrich(local_office)["message"]
    rows = {n: person(n) for n in range(1, 13)}
    rows[4] |= {"department": "finance"}
    rows[5] |= {"department": "unknown"}
    del rows[6]
    rows[14] = person(14)
    local_office.write_people(rows.values())
    local_office.run("full_sync")
    changed = enrich(local_office)
    assert "owners whom changes concern" in changed["message"]
    values = {v["doc"]["value"] for v in local_office.ask("/api/v1/enrichment/values", first=100)["items"]}
    assert values == {"S", "F", "C"}


def test_values_along_relations_follow_managers_and_groups(local_office: Office) -> None:
    local_office.run("full_sync")
    local_office.run("manager_resolution")
    for rule in RULES:
        assert local_office.client.put("/api/v1/enrichment/rules", json=rule).status_code == 200
    enrich(local_office)
    rows = {n: person(n) for n in range(1, 13)}
    rows[1] |= {"mail": "boss@example.org"}
    local_office.write_people(rows.values())
    local_office.join(group_dn("payments"), user_dn("ann5"))
    local_office.run("full_sync")
    local_office.run("manager_resolution")
    enrich(local_office)
    values = local_office.ask("/api/v1/enrichment/values", first=500)["items"]
    bosses = [v["doc"]["value"] for v in values if v["name"] == "boss"]
    assert set(bosses) == {"boss@example.org", "ann3@example.org"}
    assert any(v["doc"]["value"] == "ledger-read, payments" for v in values if v["name"] == "groups")
