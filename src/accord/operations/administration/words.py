"""The contract's words for types of values and the like, and ours."""

from collections.abc import Mapping
from enum import StrEnum

from accord.model import schema
from accord.model.schema import ValueType


class DataType(StrEnum):
    """The type of a value. A date is a DateTime; whole numbers are LongNumber, Number is taken for the same."""

    NOT_SET = "NotSet"
    TEXT = "Text"
    NUMBER = "Number"
    DATE_TIME = "DateTime"
    BINARY = "Binary"
    REFERENCE = "Reference"
    GUID = "Guid"
    BOOLEAN = "Boolean"
    LONG_NUMBER = "LongNumber"
    DECIMAL = "Decimal"


class Plurality(StrEnum):
    """Whether there is one value or several."""

    SINGLE = "SingleValued"
    MULTI = "MultiValued"


class Writability(StrEnum):
    """When an attribute may be written."""

    WRITABLE = "Writable"
    READ_ONLY = "ReadOnly"
    ON_CREATE = "WritableOnCreate"


class Direction(StrEnum):
    """Which way a rule goes."""

    NOT_SET = "NotSet"
    IMPORT = "Import"
    EXPORT = "Export"


_DATA_TYPES: Mapping[ValueType, DataType] = {
    ValueType.TEXT: DataType.TEXT,
    ValueType.INTEGER: DataType.LONG_NUMBER,
    ValueType.DECIMAL: DataType.DECIMAL,
    ValueType.BOOLEAN: DataType.BOOLEAN,
    ValueType.DATE: DataType.DATE_TIME,
    ValueType.DATETIME: DataType.DATE_TIME,
    ValueType.BINARY: DataType.BINARY,
    ValueType.GUID: DataType.GUID,
    ValueType.REFERENCE: DataType.REFERENCE,
}
_VALUE_TYPES: Mapping[DataType, ValueType] = {
    **{data: value for value, data in _DATA_TYPES.items() if value is not ValueType.DATE},
    DataType.NUMBER: ValueType.INTEGER,
    DataType.NOT_SET: ValueType.TEXT,
}
_WRITABILITY = {
    str(schema.Writability.READ_WRITE): Writability.WRITABLE,
    str(schema.Writability.READ_ONLY): Writability.READ_ONLY,
    str(schema.Writability.CREATE_ONLY): Writability.ON_CREATE,
}


def data_type(type_: ValueType) -> DataType:
    """Return the contract's word for a type of ours."""
    return _DATA_TYPES[type_]


def value_type(type_: DataType) -> ValueType:
    """Return our type for a word of the contract."""
    return _VALUE_TYPES[type_]


def writability(word: str) -> Writability:
    """Return the contract's word for when an attribute may be written."""
    return _WRITABILITY[word]
