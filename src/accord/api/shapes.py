"""What all bodies have in common: camelCase names, enums by name, moments in UTC."""

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Shape(BaseModel):
    """A body in camelCase; fields unknown to us are passed over, as clients may be newer than we are."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, from_attributes=True)


class Changed(Shape):
    """What every request that changes something may say: why."""

    change_reason: str | None = None
