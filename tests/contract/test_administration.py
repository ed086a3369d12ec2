"""Each cmdlet that declares something, request by request, and exactly the fields it reads."""

from cmdlets import Cmdlets
from declaring import CS, SR


def test_connected_systems_are_listed_by_name_number_and_connector(
    jim: Cmdlets, hr: tuple[int, dict[str, int]]
) -> None:
    listed = jim.get(CS)

    assert listed["totalCount"] == 1
    assert listed["hasNextPage"] is False
    assert {k: listed["items"][0][k] for k in ("id", "name", "status", "connectorName")} == {
        "id": hr[0], "name": "HR CSV", "status": "Active", "connectorName": "Delimited text file",
    }  # fmt: skip
    assert jim.get(f"{CS}/{hr[0]}")["settingValuesValid"] is True
    assert (
        jim.ask("POST", CS, {"name": "hr csv", "connectorDefinitionId": listed["items"][0]["connectorId"]}).status_code
        == 409
    )


def test_schema_comes_with_types_pluralities_and_what_is_selected(jim: Cmdlets, hr: tuple[int, dict[str, int]]) -> None:
    types = jim.get(f"{CS}/{hr[0]}/object-types")

    assert [t["name"] for t in types] == ["person"]
    first = types[0]["attributes"][0]
    assert (first["name"], first["type"], first["attributePlurality"]) == ("employee_id", "Text", "SingleValued")
    assert (first["selected"], first["isExternalId"], first["writability"]) == (True, True, "Writable")


def test_a_rule_is_made_and_listed_with_its_filters(jim: Cmdlets, inbound: int, hr: tuple[int, dict[str, int]]) -> None:
    found = jim.get(SR, connectedSystemIds=[hr[0]], directions=["Import"], page=1, pageSize=100)

    assert [(r["id"], r["name"], r["direction"], r["enabled"]) for r in found["items"]] == [
        (inbound, "HR CSV Import", "Import", True)
    ]
    assert found["items"][0]["metaverseObjectTypeName"] == "Person"
    assert jim.get(SR, directions=["Export"])["items"] == []
    assert jim.put(f"{SR}/{inbound}", {"enabled": False})["enabled"] is False
    assert jim.ask("PUT", f"{SR}/{inbound}", {"outboundDeprovisionAction": 1}).status_code == 400


def test_a_mapping_keeps_its_processing_and_may_be_an_expression(
    jim: Cmdlets, inbound: int, hr: tuple[int, dict[str, int]], person: dict[str, int]
) -> None:
    made = jim.post(
        f"{SR}/{inbound}/mappings",
        {
            "targetMetaverseAttributeId": person["Email"],
            "sources": [{"order": 0, "connectedSystemAttributeId": hr[1]["mail"]}],
            "inboundValueProcessing": "TreatWhitespaceAsNoValue, TrimWhitespace", "caseNormalisation": "Lower",
        },
    )  # fmt: skip
    full = jim.post(
        f"{SR}/{inbound}/mappings",
        {
            "targetMetaverseAttributeId": person["Last Name"],
            "sources": [{"order": 0, "expression": "last_name || ' ' || first_name"}],
        },
    )

    assert made["sourceType"] == "AttributeMapping"
    assert made["inboundValueProcessing"] == "TreatWhitespaceAsNoValue, TrimWhitespace"
    assert made["caseNormalisation"] == "Lower"
    assert made["sources"][0]["connectedSystemAttributeName"] == "mail"
    assert full["sourceType"] == "ExpressionMapping"
    assert [m["id"] for m in jim.get(f"{SR}/{inbound}/mappings")] == [made["id"], full["id"]]
    changed = jim.patch(f"{SR}/{inbound}/mappings/{full['id']}", {"expression": "last_name", "enabled": False})
    assert (changed["enabled"], changed["sources"][0]["connectedSystemAttributeName"]) == (False, "last_name")
    jim.delete(f"{SR}/{inbound}/mappings/{full['id']}", changeReason="not needed")
    assert [m["id"] for m in jim.get(f"{SR}/{inbound}/mappings")] == [made["id"]]


def test_an_expression_that_is_wrong_is_refused_with_its_place(
    jim: Cmdlets, inbound: int, person: dict[str, int]
) -> None:
    answer = jim.ask(
        "POST", f"{SR}/{inbound}/mappings",
        {"targetMetaverseAttributeId": person["Email"], "sources": [{"order": 0, "expression": "lower(nothing)"}]},
    )  # fmt: skip

    assert answer.status_code == 400
    assert "nothing" in str(answer.json()["validationErrors"])


def test_scoping_criteria_begin_with_an_empty_group_and_keep_their_numbers(
    jim: Cmdlets, inbound: int, hr: tuple[int, dict[str, int]]
) -> None:
    group = jim.post(f"{SR}/{inbound}/scoping-criteria", {"type": "All", "position": 0})
    assert (group["type"], group["criteria"]) == ("All", [])
    at = f"{SR}/{inbound}/scoping-criteria/{group['id']}"
    first, second = (
        jim.post(
            f"{at}/criteria",
            {"connectedSystemAttributeId": hr[1][name], "comparisonType": comparison, "stringValue": value},
        )
        for name, comparison, value in (("status", "Equals", "active"), ("mail", "NotContains", "test"))
    )
    child = jim.post(f"{at}/child-groups", {"type": "Any"})
    jim.delete(f"{at}/criteria/{first['id']}")

    left = jim.get(f"{SR}/{inbound}/scoping-criteria")
    assert [g["id"] for g in left] == [group["id"]]
    assert [
        (c["id"], c["comparisonType"], c["stringValue"], c["connectedSystemAttributeName"]) for c in left[0]["criteria"]
    ] == [(second["id"], "NotContains", "test", "mail")]
    assert [g["id"] for g in left[0]["childGroups"]] == [child["id"]]
    assert jim.ask("GET", f"{SR}/{inbound}/scoping-criteria/{first['id']}").status_code == 404


def test_who_is_in_one_of_several_groups_at_the_top_is_in_scope(
    jim: Cmdlets, inbound: int, hr: tuple[int, dict[str, int]]
) -> None:
    at = f"{SR}/{inbound}/scoping-criteria"

    def add(name: str, value: str) -> tuple[int, int]:
        group = jim.post(at, {"type": "All", "position": 0})["id"]
        criterion = {"connectedSystemAttributeId": hr[1][name], "comparisonType": "Equals", "stringValue": value}
        return group, jim.post(f"{at}/{group}/criteria", criterion)["id"]

    groups = [add("status", "active"), add("last_name", "Lee"), add("first_name", "Bo")]
    listed = jim.get(at)
    assert [(g["id"], g["criteria"][0]["id"]) for g in listed] == groups
    assert [g["criteria"][0]["stringValue"] for g in listed] == ["active", "Lee", "Bo"]
    jim.delete(f"{at}/{groups[1][0]}")
    assert [(g["id"], g["criteria"][0]["id"]) for g in jim.get(at)] == [groups[0], groups[2]]


def test_matching_rules_stand_with_the_object_type_and_move_to_the_rule(
    jim: Cmdlets, inbound: int, hr: tuple[int, dict[str, int]], person: dict[str, int]
) -> None:
    system, attributes = hr
    made = jim.post(
        f"{CS}/{system}/matching-rules",
        {
            "connectedSystemObjectTypeId": attributes[""], "metaverseObjectTypeId": person[""],
            "targetMetaverseAttributeId": person["Employee ID"], "caseSensitive": False,
            "sources": [{"order": 0, "connectedSystemAttributeId": attributes["employee_id"]}],
        },
    )  # fmt: skip
    assert made["sources"][0]["connectedSystemAttributeName"] == "employee_id"
    assert made["targetMetaverseAttributeName"] == "Employee ID"
    assert jim.get(f"{CS}/{system}/object-types/{attributes['']}/matching-rules")[0]["id"] == made["id"]

    switched = jim.post(f"{CS}/{system}/matching-mode", {"mode": "SyncRule"}, status=200)

    assert (switched["success"], switched["newMode"], switched["warnings"]) == (True, "SyncRule", [])
    assert jim.get(f"{CS}/{system}/object-types/{attributes['']}/matching-rules") == []
    moved = jim.get(f"{SR}/{inbound}/matching-rules")
    assert [(m["syncRuleId"], m["caseSensitive"]) for m in moved] == [(inbound, False)]


def test_run_profiles_are_a_bare_list_made_and_removed(jim: Cmdlets, hr: tuple[int, dict[str, int]]) -> None:
    at = f"{CS}/{hr[0]}/run-profiles"
    defaults = {p["name"]: p for p in jim.get(at)}
    made = jim.post(at, {"name": "Full Import", "runType": "FullImport", "pageSize": 100})
    nightly = jim.post(at, {"name": "Nightly", "runType": "FullSynchronisation", "pageSize": 100})

    assert made["id"] == defaults["Full Import"]["id"]
    assert (nightly["runType"], nightly["pageSize"], nightly["connectedSystemId"]) == (
        "FullSynchronisation",
        100,
        hr[0],
    )
    assert {"Full Import", "Nightly", "Export"} <= {p["name"] for p in jim.get(at)}
    renamed = jim.put(f"{at}/{nightly['id']}", {"name": "Every Night"})
    assert (renamed["id"], renamed["name"]) == (nightly["id"], "Every Night")
    jim.delete(f"{at}/{nightly['id']}")
    assert jim.ask("DELETE", f"{at}/{nightly['id']}").status_code == 404
    assert jim.ask("POST", at, {"name": "x", "runType": "Import"}).status_code == 400


def test_metaverse_types_and_attributes_come_in_pages(jim: Cmdlets, person: dict[str, int]) -> None:
    types = jim.get("/metaverse/object-types", page=1, pageSize=100)
    attributes = jim.get("/metaverse/attributes", page=1, pageSize=100)

    assert [(t["id"], t["name"], t["pluralName"]) for t in types["items"]] == [(person[""], "Person", "People")]
    assert {a["name"] for a in attributes["items"]} == {"Employee ID", "First Name", "Last Name", "Email", "Status"}
    assert attributes["items"][0]["metaverseObjectTypes"] == [{"key": person[""], "value": "Person"}]


def test_removing_a_system_takes_its_rules_along_and_leaves_nothing_open(
    jim: Cmdlets, inbound: int, hr: tuple[int, dict[str, int]]
) -> None:
    preview = jim.get(f"{CS}/{hr[0]}/deletion-preview")
    gone = jim.delete(f"{CS}/{hr[0]}", status=200, changeReason="moved away")

    assert (preview["syncRuleCount"], preview["connectedSystemObjectCount"]) == (1, 0)
    assert gone["success"] is True
    assert jim.get(CS)["items"] == []
    assert jim.ask("GET", f"{SR}/{inbound}").status_code == 404


def test_schedules_are_read_and_put_whole(jim: Cmdlets, hr: tuple[int, dict[str, int]]) -> None:
    profile = jim.get(f"{CS}/{hr[0]}/run-profiles")[0]["id"]
    made = jim.post(
        "/schedules",
        {
            "name": "Every night",
            "triggerType": "Cron",
            "patternType": "SpecificTimes",
            "runTimes": "02:30",
            "steps": [],
        },
    )
    whole = jim.get(f"/schedules/{made['id']}")
    whole["steps"] = [
        {"stepIndex": 0, "stepType": "RunProfile", "executionMode": "Sequential", "connectedSystemId": hr[0],
         "runProfileId": profile, "continueOnFailure": False}
    ]  # fmt: skip
    put = jim.put(f"/schedules/{made['id']}", whole)

    assert (put["id"], put["stepCount"], put["runTimes"], put["isEnabled"]) == (made["id"], 1, "02:30", True)
    assert (put["steps"][0]["connectedSystemId"], put["steps"][0]["runProfileId"]) == (hr[0], profile)
    assert put["nextRunTime"].endswith("T02:30:00Z")
    execution = jim.post(f"/schedules/{made['id']}/run", status=202)["executionId"]
    assert jim.get(f"/schedule-executions/{execution}")["scheduleName"] == "Every night"
    [listed] = jim.get("/schedule-executions", scheduleId=made["id"])["items"]
    assert (listed["id"], listed["totalSteps"], listed["steps"][0]["stepType"]) == (execution, 1, "RunProfile")
    assert jim.ask("POST", f"/schedules/{made['id']}/run").status_code in (202, 409)
    assert jim.ask("GET", "/schedule-executions", status="Nonsense").status_code == 400
    assert jim.post(f"/schedules/{made['id']}/disable", status=200)["nextRunTime"] is None
    script = {**whole["steps"][0], "stepType": "PowerShell"}
    assert jim.ask("PUT", f"/schedules/{made['id']}", {**whole, "steps": [script]}).status_code == 400
    jim.delete(f"/schedules/{made['id']}")
    assert jim.get("/schedules")["items"] == []


def test_an_expression_is_tried_on_made_up_values(jim: Cmdlets) -> None:
    right = jim.post(
        "/synchronisation/test-expression",
        {"expression": "upper(\"First Name\") || '!'", "mvAttributes": {"First Name": "ann"}}, status=200,
    )  # fmt: skip
    wrong = jim.post("/synchronisation/test-expression", {"expression": "upper(Nobody)"}, status=200)

    assert (right["isValid"], right["result"]) == (True, "ANN!")
    assert (wrong["isValid"], wrong["errorPosition"]) == (False, 7)


def test_the_history_of_a_rule_tells_who_why_and_what(jim: Cmdlets, inbound: int) -> None:
    jim.put(f"{SR}/{inbound}", {"description": "people of HR", "changeReason": "to be clear"})
    newest, first = jim.get(f"{SR}/{inbound}/change-history")
    detail = jim.get(f"{SR}/{inbound}/change-history/{newest['version']}")

    assert (newest["reason"], newest["initiatedByName"]) == ("to be clear", "key:bootstrap")
    assert detail["snapshot"]["description"] == "people of HR"
    assert [(f["path"], f["newValue"]) for f in detail["diff"]["fields"]] == [("description", "people of HR")]
    restored = jim.post("/configuration/restore", {"version": first["version"]}, status=200)
    assert restored["version"] > newest["version"]
    assert jim.get(f"{SR}/{inbound}")["description"] is None


def test_a_grace_period_is_a_span_in_whole_days(jim: Cmdlets, person: dict[str, int]) -> None:
    at = f"/metaverse/object-types/{person['']}"
    changed = jim.put(at, {"deletionRule": "Manual", "deletionGracePeriod": "7.00:00:00"})

    assert (changed["deletionRule"], changed["deletionGracePeriod"]) == ("Manual", "7.00:00:00")
    assert jim.put(at, {"deletionGracePeriod": "12:00:00"})["deletionGracePeriod"] == "1.00:00:00"
    assert jim.ask("PUT", at, {"deletionGracePeriod": "soon"}).status_code == 400
