"""Writes the shape of a file back as one would by hand: defaults left out, short forms where there are any."""

from collections.abc import Mapping
from enum import StrEnum
from io import StringIO

from pydantic import BaseModel
from pydantic_core import PydanticUndefined
from ruamel.yaml import YAML

from accord.config.conditions import GroupPart, scope_document, scope_from
from accord.config.files import ObjectTypePart, SystemFile
from accord.config.join_parts import JoinPart
from accord.config.parts import ShortPart

Document = dict[str, object]


def document_of(shape: BaseModel, settings: Mapping[str, object] | None = None) -> Document:
    """Return what is written, keys in the order of the reference; `settings` are a system's with YAML's own values."""
    document = {
        field.alias or name: _written(value)
        for name, field in type(shape).model_fields.items()
        if (value := getattr(shape, name)) != _default(field)
    }
    if "direction" in document:
        # What a rule is about stands at its top.
        first = ("rule", "title", "description", "enabled", "direction")
        document = {key: document[key] for key in first if key in document} | document
    if isinstance(shape, SystemFile) and settings is not None:
        return {key: dict(settings) if key == "settings" else value for key, value in document.items()}
    if isinstance(shape, ObjectTypePart) and len(shape.anchor) == 1:
        document["anchor"] = shape.anchor[0]
    return document


def yaml_of(document: Mapping[str, object]) -> bytes:
    """Return the document as YAML: the same document, the same bytes."""
    yaml = YAML(typ="rt", pure=True)
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    # Long expressions stay on one line: a folded one would move the columns that messages speak of.
    yaml.width = 1_000_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = StringIO()
    yaml.dump(dict(document), stream)
    return stream.getvalue().encode()


def _default(field: object) -> object:
    default = field.get_default(call_default_factory=True)  # type: ignore[attr-defined]  # pydantic's FieldInfo
    return object() if default is PydanticUndefined else default


def _written(value: object) -> object:
    match value:
        case BaseModel():
            return _part(value)
        case Mapping():
            return {str(key): _written(inner) for key, inner in value.items()}
        case tuple() | list():
            return [_written(inner) for inner in value]
        case _:
            return str(value) if isinstance(value, StrEnum) else value


def _part(part: BaseModel) -> object:
    match part:
        case GroupPart():
            return scope_document(scope_from(part))
        case JoinPart():
            return _join(part)
        case ShortPart():
            document = document_of(part)
            return document[part.SHORT] if document.keys() == {part.SHORT} else document or _short_default(part)
        case _:
            return document_of(part)


def _short_default(part: ShortPart) -> object:
    return _written(getattr(part, part.SHORT))


def _join(join: JoinPart) -> object:
    keys: Document = dict(join.keys)
    # The short form would take an expression called `keys`, `case_sensitive` or `fuzzy` for the long one.
    if not join.case_sensitive and join.fuzzy is None and not keys.keys() & {"keys", "case_sensitive", "fuzzy"}:
        return keys
    return document_of(join)
