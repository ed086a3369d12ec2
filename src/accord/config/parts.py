"""What the parts of files are made of: names, texts, expressions, and mappings that refuse unknown keys."""

from typing import Annotated, ClassVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    GetJsonSchemaHandler,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
RESERVED_ATTRIBUTES = frozenset({"_anchor", "_dn", "_at"})


def _not_reserved(name: str) -> str:
    if name in RESERVED_ATTRIBUTES:
        raise PydanticCustomError("reserved_name", "the name {name} is reserved", {"name": name})
    return name


Name = Annotated[str, StringConstraints(pattern=NAME_PATTERN)]
ObjectTypeName = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f.]{1,128}$")]
AttributeName = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f]{1,256}$"), AfterValidator(_not_reserved)]
Label = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,200}$")]
# In YAML `true` and `5` are good expressions and values too: they are read as the text written.
_AS_WRITTEN = WithJsonSchema({"type": ["string", "number", "boolean"]})
Expression = Annotated[str, StringConstraints(min_length=1, max_length=10_000), _AS_WRITTEN]
Text = Annotated[str, _AS_WRITTEN]


class Part(BaseModel):
    """A mapping in a file; keys that are not declared are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ShortPart(Part):
    """A mapping that may be written as one word: the value of its key `SHORT`."""

    SHORT: ClassVar[str]

    @model_validator(mode="before")
    @classmethod
    def _expand(cls, given: object) -> object:
        return {cls.SHORT: given} if isinstance(given, str) else given

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler, /) -> JsonSchemaValue:
        """Return the schema of either form."""
        full = handler.resolve_ref_schema(handler(core))
        short = dict(full["properties"][cls.SHORT])
        short.pop("default", None)
        return {"anyOf": [short, full]}
