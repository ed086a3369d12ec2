"""JSON Schema of every kind of file, so that editors complete, explain and check while one types.

An editor with a YAML language server uses a schema named in the first line of a file:
`# yaml-language-server: $schema=../schema/rules.json`.
"""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, TypeAdapter

from accord.config.files import (
    AccordFile,
    IdentityTypeFile,
    InboundRuleFile,
    LookupFile,
    OutboundRuleFile,
    SystemFile,
)
from accord.config.places import FileKind
from accord.config.timetable import ScheduleFile

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SECRET = {
    "type": "string",
    "pattern": "^(env|file|secret):.+",
    "description": "A reference to a secret: env:NAME, file:PATH or secret:NAME.",
}

JsonSchema = dict[str, Any]


def json_schemas(settings: Mapping[str, type[BaseModel]]) -> Mapping[FileKind, JsonSchema]:
    """Return the schema of each kind of file; `settings` are the connectors' settings by kind name."""
    rule = TypeAdapter(InboundRuleFile | OutboundRuleFile).json_schema()
    schemas = {
        FileKind.ACCORD: AccordFile.model_json_schema(),
        FileKind.SYSTEM: _system(settings),
        FileKind.TYPE: IdentityTypeFile.model_json_schema(),
        FileKind.RULE: rule,
        FileKind.LOOKUP: LookupFile.model_json_schema(),
        FileKind.SCHEDULE: ScheduleFile.model_json_schema(),
    }
    return {kind: {"$schema": _DIALECT, **schema} for kind, schema in schemas.items()}


def schema_text(schema: JsonSchema) -> str:
    """Return the schema as it is written to a file: the same schema, the same text."""
    return json.dumps(schema, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def _system(settings: Mapping[str, type[BaseModel]]) -> JsonSchema:
    schema = SystemFile.model_json_schema()
    schema["properties"]["connector"]["enum"] = sorted(settings)
    choices = []
    for kind, model in sorted(settings.items()):
        # Two connectors may have models of one name: each gets its own names.
        own = model.model_json_schema(ref_template=f"#/$defs/{kind}.{{model}}")
        definitions = own.pop("$defs", {})
        for name, definition in definitions.items():
            schema["$defs"][f"{kind}.{name}"] = _with_references(definition)
        schema["$defs"][f"{kind}.settings"] = _with_references(own)
        choices.append(
            {
                "if": {"properties": {"connector": {"const": kind}}, "required": ["connector"]},
                "then": {"properties": {"settings": {"$ref": f"#/$defs/{kind}.settings"}}},
            }
        )
    schema["allOf"] = choices
    return schema


def _with_references(schema: Any) -> Any:
    """Return the schema with every secret replaced by a reference to one."""
    if isinstance(schema, list):
        return [_with_references(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("writeOnly") is True:
        kept = {key: value for key, value in schema.items() if key in {"title", "description"}}
        return _SECRET | kept
    return {key: _with_references(inner) for key, inner in schema.items()}
