"""A value stands in the field of its type, and in no other."""

import pytest

from accord.model.schema import ValueType
from accord.operations.administration.typed_values import typed


@pytest.mark.parametrize(
    ("text", "type_", "fields"),
    [
        ("Ann", ValueType.TEXT, {"string_value": "Ann"}),
        ("-7", ValueType.INTEGER, {"long_value": -7, "int_value": -7}),
        ("seven", ValueType.INTEGER, {"string_value": "seven"}),
        ("1.10", ValueType.DECIMAL, {"decimal_value": "1.10"}),
        ("TRUE", ValueType.BOOLEAN, {"bool_value": True}),
        ("2026-11-23", ValueType.DATE, {"date_time_value": "2026-11-23"}),
        ("AAE=", ValueType.BINARY, {"byte_value": "AAE="}),
    ],
)
def test_each_type_has_its_field(text: str, type_: ValueType, fields: dict[str, object]) -> None:
    assert typed(text, type_) == fields
