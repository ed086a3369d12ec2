"""What New-JIMSyncRuleMapping and Set-JIMSyncRule say about missing values and about drift."""

import pytest
from cmdlets import Cmdlets
from declaring import SR

Declared = tuple[int, dict[str, int]]


def mapping(source: dict[str, object], target: int) -> dict[str, object]:
    return {
        "targetMetaverseAttributeId": target, "sources": [{"order": 0, **source}],
        "inboundValueProcessing": "TreatWhitespaceAsNoValue, TrimWhitespace",
    }  # fmt: skip


@pytest.mark.parametrize("behaviour", ["EvaluateAnyway", "ContributeNoValue", "FailMapping"])
def test_what_is_done_about_a_missing_input_is_kept_beside_the_expression(
    jim: Cmdlets, inbound: int, person: dict[str, int], behaviour: str
) -> None:
    whole = "concat(first_name, ' ', last_name)"
    made = jim.post(
        f"{SR}/{inbound}/mappings",
        mapping({"expression": whole, "missingInputBehaviour": behaviour}, person["Last Name"]),
    )
    [source] = jim.get(f"{SR}/{inbound}/mappings/{made['id']}")["sources"]
    assert (source["expression"], source["missingInputBehaviour"]) == (whole, behaviour)
    changed = jim.patch(f"{SR}/{inbound}/mappings/{made['id']}", {"expression": "upper(last_name)"})
    assert (changed["sources"][0]["expression"], changed["sources"][0]["missingInputBehaviour"]) == (
        "upper(last_name)", behaviour,
    )  # fmt: skip
    assert changed["inboundValueProcessing"] == "TreatWhitespaceAsNoValue, TrimWhitespace"


def test_a_mapping_without_inputs_cannot_miss_one_and_no_object_is_left_out_as_a_whole(
    jim: Cmdlets, inbound: int, person: dict[str, int]
) -> None:
    at = f"{SR}/{inbound}/mappings"
    for source in (
        {"expression": "'constant'", "missingInputBehaviour": "ContributeNoValue"},
        {"expression": "last_name", "missingInputBehaviour": "FailObject"},
    ):
        answer = jim.ask("POST", at, mapping(source, person["Last Name"]))
        assert (answer.status_code, list(answer.json()["validationErrors"])) == (400, ["missingInputBehaviour"])


def test_an_export_rule_may_leave_alone_what_the_target_changed(
    jim: Cmdlets, hr: Declared, person: dict[str, int]
) -> None:
    system, attributes = hr
    rule = jim.post(
        SR,
        {
            "name": "Out", "connectedSystemId": system, "connectedSystemObjectTypeId": attributes[""],
            "metaverseObjectTypeId": person[""], "direction": "Export", "enforceState": False,
        },
    )  # fmt: skip
    assert jim.get(f"{SR}/{rule['id']}")["enforceState"] is False
    assert jim.put(f"{SR}/{rule['id']}", {"enforceState": True})["enforceState"] is True
