"""What cmdlets send to declare a system, its schema, and a metaverse type."""

from cmdlets import Cmdlets

CS = "/synchronisation/connected-systems"
SR = "/synchronisation/sync-rules"
PEOPLE = "employee_id,first_name,last_name,mail,status\n1,Ann,Lee,ann@x.org,active\n2,Bo,Ek,,left\n"


def new_system(jim: Cmdlets, name: str, connector: str, settings: dict[str, dict[str, object]]) -> int:
    """New-JIMConnectedSystem, Set-JIMConnectedSystem -SettingValues."""
    definition = jim.get(f"/synchronisation/connector-definitions/by-name/{connector}")
    numbers = {s["name"]: s["id"] for s in definition["settings"]}
    made = jim.post(CS, {"name": name, "connectorDefinitionId": definition["id"]})
    values = {str(numbers[setting]): value for setting, value in settings.items()}
    jim.put(f"{CS}/{made['id']}", {"settingValues": values})
    return int(made["id"])


def select_all(jim: Cmdlets, system: int, type_name: str, anchor: str) -> dict[str, int]:
    """Import-JIMConnectedSystemSchema, Set-JIMConnectedSystemObjectType, Set-JIMConnectedSystemAttribute."""
    imported = jim.post(f"{CS}/{system}/import-schema", status=200)
    type_id = next(t["id"] for t in imported["objectTypes"] if t["name"] == type_name)
    jim.put(f"{CS}/{system}/object-types/{type_id}", {"selected": True})
    attributes = jim.get(f"{CS}/{system}/object-types/{type_id}")["attributes"]
    done = jim.put(
        f"{CS}/{system}/object-types/{type_id}/attributes",
        {"attributes": {str(a["id"]): {"selected": True, "isExternalId": a["name"] == anchor} for a in attributes}},
    )
    assert done["updatedCount"] == len(attributes)
    assert not done["errors"]
    return {"": type_id} | {a["name"]: a["id"] for a in attributes}


def new_person(jim: Cmdlets, *names: str) -> dict[str, int]:
    """New-JIMMetaverseObjectType, New-JIMMetaverseAttribute."""
    made = jim.post("/metaverse/object-types", {"name": "Person", "pluralName": "People"})
    numbers = {"": int(made["id"])}
    for name in names:
        attribute = jim.post(
            "/metaverse/attributes",
            {"name": name, "type": "Text", "attributePlurality": "SingleValued", "objectTypeIds": [made["id"]]},
        )
        numbers[name] = int(attribute["id"])
    return numbers
