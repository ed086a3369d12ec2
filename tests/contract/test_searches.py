"""What cmdlets look for across everything: named searches, deletions that wait, the flows of all rules."""

import sys
from pathlib import Path

from cmdlets import Cmdlets
from declaring import CS, SR

from accord.app import Server

sys.path.insert(0, str(Path(__file__).parents[1] / "integration" / "api"))
from api_world import work


def test_everybody_of_a_type_is_found_by_the_type_s_address(
    jim: Cmdlets, server: Server, inbound: int, hr: tuple[int, dict[str, int]], person: dict[str, int], *, people: Path
) -> None:
    jim.post(
        f"{SR}/{inbound}/mappings",
        {
            "targetMetaverseAttributeId": person["Email"],
            "sources": [{"order": 0, "connectedSystemAttributeId": hr[1]["mail"]}],
        },
    )
    profiles = {p["name"]: p["id"] for p in jim.get(f"{CS}/{hr[0]}/run-profiles")}
    for name in ("Full Import", "Full Synchronisation"):
        jim.post(f"{CS}/{hr[0]}/run-profiles/{profiles[name]}/execute", status=202)
        assert work(server) == 1

    [search] = jim.get("/predefined-searches")
    assert (search["uri"], search["metaverseObjectTypeName"], search["isEnabled"]) == ("people", "Person", True)
    assert jim.get(f"/predefined-searches/{search['id']}") == jim.get("/predefined-searches/by-uri/people") == search
    assert jim.get("/metaverse/objects/search/people")["totalCount"] == 2
    assert jim.get("/metaverse/objects/search/people", hasAttribute="Email")["totalCount"] == 1
    assert jim.ask("GET", "/metaverse/objects/search/robots").status_code == 404
    _check_deleted(jim, server, hr[0], people, profiles)
    assert jim.get("/metaverse/pending-deletions/summary") == {
        "totalCount": 0, "deprovisioningCount": 0, "awaitingGracePeriodCount": 0, "readyForDeletionCount": 0,
    }  # fmt: skip


def _check_deleted(jim: Cmdlets, server: Server, hr: int, people: Path, profiles: dict[str, int]) -> None:
    for what in ("cso", "mvo"):
        assert jim.get(f"/history/deleted-objects/{what}")["totalCount"] == 0
    people.write_text("".join(line for line in people.read_text().splitlines(keepends=True) if "Bo" not in line))
    for name in ("Full Import", "Full Synchronisation"):
        jim.post(f"{CS}/{hr}/run-profiles/{profiles[name]}/execute", status=202)
        assert work(server) == 1
    [gone] = jim.get("/history/deleted-objects/cso", connectedSystemId=hr, search="2")["items"]
    assert (gone["externalIdValue"], gone["connectedSystemName"], gone["typeName"]) == ("2", "HR CSV", "person")
    assert gone["created"] < gone["deleted"]
    [ended] = jim.get("/history/deleted-objects/mvo")["items"]
    assert (ended["typeName"], ended["deletedByActivity"]) == ("Person", "A4")
    assert jim.get("/history/deleted-objects/mvo", search="nobody")["totalCount"] == 0
    assert jim.get(f"/history/connected-systems/{hr}/count") == 1


def test_the_flows_of_all_rules_are_one_list(
    jim: Cmdlets, inbound: int, hr: tuple[int, dict[str, int]], person: dict[str, int]
) -> None:
    jim.post(
        f"{SR}/{inbound}/mappings",
        {"targetMetaverseAttributeId": person["Email"], "sources": [{"order": 0, "expression": "mail || '!'"}]},
    )
    [flow] = jim.get("/synchronisation/data-flows")["items"]
    assert (flow["syncRuleId"], flow["source"], flow["target"], flow["contributors"]) == (
        inbound, "mail || '!'", "Email", 1,
    )  # fmt: skip
    assert (flow["direction"], flow["connectedSystemId"], flow["enabled"]) == ("Import", hr[0], True)
    for none in ({"direction": "Export"}, {"multipleContributorsOnly": "true"}, {"search": "phone"}):
        assert jim.get("/synchronisation/data-flows", **none)["totalCount"] == 0
