"""The `given` of a scenario: the YAML of a configuration, with what goes without saying left out."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from accord.model.errors import ConfigError
from accord.testing.scenario_tables import SEVERAL, Table, read_table
from accord.testing.scenario_tree import DN, SETTINGS

Document = dict[str, Any]

OBJECT_TYPE = "entry"
"""The object type of a system that does not name its own."""
_GIVEN = {"systems", "types", "rules", "lookups", "guard", "now", "accounts"}


def refuse_unknown(keys: Mapping[str, object], known: set[str], place: str) -> None:
    """Raise ConfigError for a key that nobody reads: it would be a promise that nobody keeps."""
    for key in keys:
        if key not in known:
            raise ConfigError(f"unknown key {key!r}", place=place, remedy=f"use one of: {', '.join(sorted(known))}")


def merged(old: Any, new: Any) -> Any:
    """Return `old` changed by `new`, key by key; null takes a key away."""
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return new
    both = {name: merged(old.get(name), value) if value is not None else None for name, value in new.items()}
    return {name: value for name, value in (old | both).items() if value is not None or name not in new}


def documents(given: Document) -> dict[str, Document]:
    """Return the configuration's documents by file, relative to its folder."""
    refuse_unknown(given, _GIVEN, "given")
    systems = {name: _system(name, system or {}) for name, system in given["systems"].items()}
    rules = {name: _rule(name, rule, given, systems) for name, rule in (given.get("rules") or {}).items()}
    types = {name: _type(name, given, rules) for name in type_names(given)}
    lookups = {n: {"lookup": n, "values": values} for n, values in (given.get("lookups") or {}).items()}
    return {
        "accord.yaml": {"guard": given["guard"]} if given.get("guard") else {"data_folder": ".accord"},
        **_files("systems", systems),
        **_files("types", types),
        **_files("rules", rules),
        **_files("lookups", lookups),
    }


def write_documents(folder: Path, wanted: Mapping[str, Document]) -> None:
    """Make the folder's configuration exactly these documents."""
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    for old in folder.glob("*/*.yaml"):
        if old.relative_to(folder).as_posix() not in wanted:
            old.unlink()
    for name, document in wanted.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        with (folder / name).open("w", encoding="utf-8") as file:
            yaml.dump(document, file)


def type_names(given: Document) -> list[str]:
    """Return the identity types; one called `person` where none is declared."""
    return list(given.get("types") or {"person": {}})


def first_table(name: str, given: Document) -> Table:
    """Return what a system holds at the beginning; one without rows has the columns of its attributes."""
    system = given["systems"][name] or {}
    if "rows" in system:
        return read_table(system["rows"], f"given.systems.{name}.rows")
    return Table(columns=tuple(_named(system.get("attributes"))), rows=())


def anchor_of(name: str, given: Document) -> list[str]:
    """Return the columns that identify a row; the first one where the system does not say."""
    anchor = (given["systems"][name] or {}).get("anchor") or first_table(name, given).columns[0]
    return [anchor] if isinstance(anchor, str) else list(anchor)


def name_attribute(type_name: str, given: Document) -> str:
    """Return the attribute by which scenarios call identities of a type: the first one it has."""
    return str(next(iter(documents(given)[f"types/{type_name}.yaml"]["attributes"])))


def _system(name: str, system: Document) -> Document:
    known = {"object", "anchor", "attributes", "rows", "guard", "tree"}
    refuse_unknown(system, known, f"given.systems.{name}")
    given = {"systems": {name: system}}
    attributes = dict.fromkeys(first_table(name, given).columns, "text") | _named(system.get("attributes"))
    object_type = system.get("object", OBJECT_TYPE)
    if system.get("tree"):
        return _tree(name, object_type, anchor_of(name, given), attributes) | _guarded(system)
    document = {
        "system": name,
        "connector": "csv",
        "settings": {"path": f"data/{name}.csv", "object_type": object_type, "multi_value_delimiter": SEVERAL,
                     "delimiter": ","},
        "objects": {object_type: {"anchor": anchor_of(name, given), "attributes": attributes}},
    }  # fmt: skip
    return document | _guarded(system)


def is_tree(name: str, given: Document) -> bool:
    """Tell whether the objects of a system have dns."""
    return bool((given["systems"][name] or {}).get("tree"))


def _tree(name: str, object_type: str, anchor: list[str], attributes: Document) -> Document:
    """Return the document of a directory; its dns are a column of rows and no attribute."""
    values = {attribute: meant for attribute, meant in attributes.items() if attribute != DN}
    return {
        "system": name,
        "connector": "ldap",
        "settings": {**SETTINGS, "objects": {object_type: {"object_class": object_type}}},
        "objects": {object_type: {"anchor": anchor, "attributes": values}},
    }


def _guarded(system: Document) -> Document:
    return {"guard": system["guard"]} if "guard" in system else {}


def _type(name: str, given: Document, rules: Mapping[str, Document]) -> Document:
    declared = dict((given.get("types") or {}).get(name) or {})
    flowed = {
        target: "text"
        for rule in rules.values()
        if rule["direction"] == "inbound" and rule["identity"] == name
        for target in rule.get("flows", {})
    }
    attributes = flowed | _named(declared.get("attributes"))
    return {"type": name, **declared, "attributes": attributes}


def _rule(name: str, rule: Document, given: Document, systems: Mapping[str, Document]) -> Document:
    short = dict(rule)
    if ("from" in short) == ("to" in short):
        raise ConfigError("needs either from or to", place=f"given.rules.{name}", remedy="name its system")
    direction = "inbound" if "from" in short else "outbound"
    system = short.pop("from", None) or short.pop("to")
    document = {
        "rule": name,
        "direction": direction,
        "system": system,
        "object": next(iter(systems[system]["objects"])),
        "identity": type_names(given)[0],
        **short,
    }
    if "flows" in short:
        document["flows"] = _flows(short["flows"])
    if isinstance(short.get("join"), str):
        document["join"] = [{short["join"]: short["join"]}]
    return document


def _flows(flows: Any) -> Document:
    return {name: name for name in flows} if isinstance(flows, list) else dict(flows)


def _named(attributes: Any) -> Document:
    return dict.fromkeys(attributes, "text") if isinstance(attributes, list) else dict(attributes or {})


def _files(folder: str, wanted: Mapping[str, Document]) -> dict[str, Document]:
    return {f"{folder}/{name}.yaml": document for name, document in wanted.items()}
