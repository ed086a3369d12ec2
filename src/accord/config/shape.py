"""Checks a file, or the settings in it, against a model; every mistake becomes an error with line and remedy."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from accord.config.conditions import FORMS
from accord.config.findings import Findings, suggest
from accord.config.tree import Keys, Step, as_text, line_of

Model = TypeVar("Model", bound=BaseModel)

_NO_STEPS = FORMS | {"[key]"}
REFERENCE = "docs/reference/configuration.md"


@dataclass(frozen=True, slots=True)
class Source:
    """One file: its name in messages, its tree, and where to note what does not fit."""

    file: str
    tree: Keys
    findings: Findings

    def error(self, message: str, path: Sequence[Step], remedy: str) -> None:
        """Note an error at the line of a key."""
        self.findings.error(message, place=f"{self.file}:{line_of(self.tree, path)}", remedy=remedy)


def shaped(model: type[Model], source: Source) -> Model | None:
    """Return the file as its model, or None after noting what does not fit."""
    try:
        return model.model_validate(as_text(source.tree))
    except ValidationError as error:
        note_mistakes(error, model, source)
        return None


def note_mistakes(error: ValidationError, model: type[BaseModel], source: Source, under: Sequence[Step] = ()) -> None:
    """Note every mistake of a validation; `under` is where in the tree the model begins.

    A value is shown only where it had to be one of a few.
    """
    for detail in error.errors(include_url=False):
        path = tuple(step for step in detail["loc"] if step not in _NO_STEPS)
        here = ".".join(str(step) for step in path or under) or "the file"
        message, remedy = _own_words(detail) or _explained(detail, path, model, here)
        source.error(message, (*under, *path), remedy)


def _own_words(detail: ErrorDetails) -> tuple[str, str] | None:
    """Return what a check of ours says about it, None for a check of pydantic's."""
    words = detail.get("ctx", {})
    return (str(words["problem"]), str(words["remedy"])) if detail["type"] == "explained" else None


def _explained(detail: ErrorDetails, path: tuple[Step, ...], model: type[BaseModel], here: str) -> tuple[str, str]:
    owner = _model_at(model, path[:-1])
    match detail["type"]:
        case "extra_forbidden":
            known = owner.model_fields if owner else {}
            return f"there is no key {here}", suggest(str(path[-1]), _spellings(known))
        case "missing":
            return f"the key {here} is missing", f"add `{path[-1]}:` {_meaning(owner, path)}".rstrip()
        case "enum" | "literal_error":
            expected = str(detail["ctx"]["expected"])
            choices = [c for part in expected.split(" or ") for c in part.replace("'", "").split(", ")]
            return f"{detail['input']!r} is not possible for {here}", _choice(str(detail["input"]), choices)
        case "string_pattern_mismatch":
            return f"{here} is not a possible name", _NAMES
        case kind if kind in _KNOWN:
            message, remedy = _KNOWN[kind]
            return f"{here} {message}", remedy or _see(owner, path)
        case _:
            return f"{here}: {_said(detail)}", _see(owner, path)


_KNOWN: Mapping[str, tuple[str, str]] = {
    "dict_type": ("must be a mapping of keys to values", ""),
    "model_type": ("must be a mapping of keys to values", ""),
    "string_type": ("must be one text", "write one text, in quotes when it looks like something else"),
    "string_too_short": ("is empty", ""),
    "too_short": ("is empty", ""),
    "tuple_type": ("must be a list", "write `[first, second]`, or one `- item` a line"),
    "list_type": ("must be a list", "write `[first, second]`, or one `- item` a line"),
    "bool_parsing": ("must be true or false", "write true or false"),
}
_NAMES = "use letters, digits, _ and -, at most 64, beginning with a letter or digit"


def _choice(given: str, choices: Sequence[str]) -> str:
    listed = ", ".join(choices)
    close = suggest(given, choices)
    return f"{close} possible: {listed}" if close.startswith("did you") else f"use one of: {listed}"


def _said(detail: ErrorDetails) -> str:
    """Return what is wrong: in the words of the connector's own check, else in those of the library."""
    if detail["type"] == "value_error":
        return str(detail["ctx"]["error"])
    return detail["msg"][:1].lower() + detail["msg"][1:]


def _spellings(fields: Mapping[str, Any]) -> Iterator[str]:
    return (field.alias or name for name, field in fields.items())


def _meaning(owner: type[BaseModel] | None, path: Sequence[Step]) -> str:
    field = owner.model_fields.get(str(path[-1])) if owner and path else None
    return field.description or "" if field else ""


def _see(owner: type[BaseModel] | None, path: Sequence[Step]) -> str:
    return _meaning(owner, path) or f"see {REFERENCE}"


def _model_at(model: type[BaseModel], path: Sequence[Step]) -> type[BaseModel] | None:
    """Return the model that owns the keys at a path, None where the path leaves all models."""
    annotation: object = model
    for step in path:
        owner = _first_model(annotation)
        field = owner.model_fields.get(str(step)) if owner else None
        # A step that is no field is a key of a dict, a position, or the short form of the same part.
        annotation = field.annotation if field else annotation
    return _first_model(annotation)


def _first_model(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_first_model(inner) for inner in get_args(annotation))
    return next((model for model in found if model is not None), None)
