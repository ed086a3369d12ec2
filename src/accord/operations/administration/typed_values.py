"""Values as the contract shows them: each in the field of its type."""

from dataclasses import dataclass
from typing import TypedDict

from accord.model.schema import ValueType
from accord.operations.administration.desk import CAMEL


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedValue:
    """One value; the fields of other types are None. A decimal stays a text, which no reader rounds."""

    __pydantic_config__ = CAMEL
    string_value: str | None = None
    date_time_value: str | None = None
    int_value: int | None = None
    long_value: int | None = None
    decimal_value: str | None = None
    byte_value: str | None = None
    guid_value: str | None = None
    bool_value: bool | None = None


class ComparedFields(TypedDict, total=False):
    """The fields of a value that others are compared with."""

    string_value: str
    date_time_value: str
    int_value: int
    long_value: int
    decimal_value: str
    guid_value: str
    bool_value: bool


class ByteField(TypedDict):
    """The field of what is no text."""

    byte_value: str


def typed(text: str, type_: ValueType) -> ComparedFields | ByteField:
    """Return the field of a value of this type."""
    return {"byte_value": text} if type_ is ValueType.BINARY else compared(text, type_)


def compared(text: str, type_: ValueType) -> ComparedFields:
    """Return the field of a value of this type; of one that does not fit its type, the text it is."""
    match type_:
        case ValueType.INTEGER if text.lstrip("-").isdecimal():
            return {"long_value": int(text), "int_value": int(text)}
        case ValueType.DECIMAL:
            return {"decimal_value": text}
        case ValueType.BOOLEAN:
            return {"bool_value": text.lower() == "true"}
        case ValueType.DATE | ValueType.DATETIME:
            return {"date_time_value": text}
        case ValueType.GUID:
            return {"guid_value": text}
        case _:
            return {"string_value": text}
