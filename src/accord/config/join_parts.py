"""The shape of the items of `join`: keys, and likeness."""

from typing import ClassVar

from pydantic import Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from accord.config.parts import AttributeName, Expression, Part, ShortPart


class ComparisonPart(ShortPart):
    """One comparison of likeness; the short form is its attribute."""

    SHORT: ClassVar[str] = "attribute"

    attribute: AttributeName = Field(description="The attribute of the identity.")
    weight: float = Field(default=1.0, gt=0, le=1000, description="How much it counts beside the others.")


class FuzzyPart(Part):
    """Likeness instead of equality; the keys beside it pick the candidates that are compared."""

    compare: dict[Expression, ComparisonPart] = Field(
        min_length=1, description="Expression over the object: attribute of the identity, compared as text."
    )
    review: float = Field(gt=0, le=1, description="The score from which on a person is asked, between 0 and 1.")
    join: float | None = Field(
        default=None, gt=0, le=1, description="The score from which on a single candidate is joined; else nobody is."
    )


class JoinPart(Part):
    """One way to recognise an identity; the short form is the mapping under `keys` itself."""

    keys: dict[Expression, AttributeName] = Field(
        min_length=1, description="Expression over the object: attribute of the identity. All must be equal."
    )
    case_sensitive: bool = Field(default=False, description="Whether text is compared with case.")
    fuzzy: FuzzyPart | None = Field(default=None, description="Likeness of the candidates that the keys pick.")

    @model_validator(mode="before")
    @classmethod
    def _expand(cls, given: object) -> object:
        if not isinstance(given, dict) or isinstance(given.get("keys"), dict):
            return given
        if isinstance(given.get("fuzzy"), dict):
            raise PydanticCustomError("join_form", "with fuzzy the keys must stand under `keys:`")
        if "case_sensitive" in given:
            raise PydanticCustomError("join_form", "with case_sensitive the keys must stand under `keys:`")
        return {"keys": given}

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler, /) -> JsonSchemaValue:
        """Return the schema of either form."""
        full = handler.resolve_ref_schema(handler(core))
        return {"anyOf": [full, full["properties"]["keys"]]}
