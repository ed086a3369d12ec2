"""One number for everything declared that changes what a run does."""

import hashlib
import json

from accord.config.documents import Document, documents_of
from accord.config.places import FileKind
from accord.model.rules import RuleSet


def digest_of(rules: RuleSet) -> str:
    """Return the SHA-256, in hexadecimal, of the canonical form of the rules.

    Comments, the order of files and keys, places and descriptions do not count; the order of lists does.
    Secrets count as the references they are written as.
    """
    return digest_of_documents(digested_documents(rules))


def digested_documents(rules: RuleSet) -> list[list[object]]:
    """Return kind, name and content of everything declared, as far as it changes what a run does."""
    return [[str(kind), name, _undescribed(kind, document)] for (kind, name), document in documents_of(rules).items()]


def digest_of_documents(documents: object) -> str:
    """Return the SHA-256, in hexadecimal, of plain documents, whatever the order of their keys."""
    canonical = json.dumps(documents, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _undescribed(kind: FileKind, document: Document) -> Document:
    if kind is FileKind.TYPE:
        return document | {"attributes": _without_descriptions(document["attributes"])}
    if kind is FileKind.SYSTEM and isinstance(document["objects"], dict):
        objects = {
            name: object_type | {"attributes": _without_descriptions(object_type["attributes"])}
            for name, object_type in document["objects"].items()
        }
        return document | {"objects": objects}
    return document


def _without_descriptions(attributes: object) -> object:
    if not isinstance(attributes, dict):
        return attributes
    return {
        name: {key: value for key, value in attribute.items() if key != "description"}
        if isinstance(attribute, dict)
        else {"type": attribute}
        for name, attribute in attributes.items()
    }
