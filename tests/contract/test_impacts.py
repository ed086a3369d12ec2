"""What is asked before something is removed or named, and what answers of a list too long for its object."""

import sys
from pathlib import Path

from cmdlets import Cmdlets
from declaring import CS, SR

from accord.app import Server

sys.path.insert(0, str(Path(__file__).parents[1] / "integration" / "api"))
from api_world import work

MV = "/metaverse"


def test_a_name_is_free_until_something_has_it(jim: Cmdlets, person: dict[str, int]) -> None:
    def is_free(kind: str, name: str) -> bool:
        return bool(jim.get(f"{MV}/{kind}/name-availability", name=name)["isAvailable"])

    assert (is_free("object-types", "person"), is_free("object-types", "Robot")) == (False, True)
    assert (is_free("attributes", "Email"), is_free("attributes", "Shoe size")) == (False, True)


def test_what_keeps_something_from_being_removed_is_told_before(
    jim: Cmdlets, inbound: int, hr: tuple[int, dict[str, int]], person: dict[str, int]
) -> None:
    email, status, of = person["Email"], person["Status"], person[""]
    jim.post(
        f"{SR}/{inbound}/mappings",
        {
            "targetMetaverseAttributeId": email,
            "sources": [{"order": 0, "connectedSystemAttributeId": hr[1]["mail"]}],
        },
    )
    used = jim.get(f"{MV}/attributes/{email}/deletion-preview")
    assert (used["canRemove"], used["name"], used["objectCount"]) == (False, "Email", 0)
    assert any("Email" in blocker for blocker in used["blockers"])
    assert jim.get(f"{MV}/attributes/{status}/deletion-preview")["canRemove"]
    alone = jim.get(f"{MV}/attributes/{status}/object-types/{of}/unassign-preview")
    assert (alone["canRemove"], alone["blockers"]) == (False, ["no other object type has this attribute"])
    whole = jim.get(f"{MV}/object-types/{of}/delete-preview")
    assert (whole["canRemove"], whole["blockers"]) == (False, ["the type is used by the rules hr-csv-import"])
    assert len(jim.get(f"{MV}/attributes")["items"]) == len(person) - 1, "nothing was removed"
    assert jim.ask("GET", f"{MV}/object-types/999999/delete-preview").status_code == 404


def test_values_of_one_attribute_are_read_in_pages(
    jim: Cmdlets, server: Server, hr: tuple[int, dict[str, int]]
) -> None:
    system = hr[0]
    profile = next(p["id"] for p in jim.get(f"{CS}/{system}/run-profiles") if p["runType"] == "FullImport")
    jim.post(f"{CS}/{system}/run-profiles/{profile}/execute", status=202)
    assert work(server) == 1
    first = jim.get(f"{CS}/{system}/connector-space", sortBy="externalIdValue")["items"][0]
    at = f"{CS}/{system}/connector-space/{first['id']}/attributes"
    page = jim.get(f"{at}/first_name/values", page=1, pageSize=10)
    assert ([v["stringValue"] for v in page["items"]], page["totalCount"]) == (["Ann"], 1)
    assert jim.get(f"{at}/first_name/values", page=2, pageSize=10)["items"] == []
    assert jim.get(f"{at}/shoe_size/values")["totalCount"] == 0
