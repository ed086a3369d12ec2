"""What each kind of data source asks for, as forms of the contract."""

from collections.abc import Mapping
from typing import Any


def _field(order: int, name: str, *, is_required: bool = False, data_type: str = "string", default: str = "") -> Any:
    return {
        "name": name, "displayName": name, "dataType": data_type, "defaultValue": default, "regularExpression": "",
        "validationMessage": f"{name} is required" if is_required else "", "minLength": 0, "maxLength": 1000,
        "isRequired": is_required, "isDisabled": False, "isNewOnly": False, "renderingOrder": order, "values": [],
    }  # fmt: skip


def _form(number: int, name: str, *fields: tuple[str, bool]) -> Mapping[str, Any]:
    return {
        "type": number,
        "providerTypeName": name,
        "configurations": [
            _field(
                order, field, is_required=needed, data_type="password" if field == "Password" else "string",
                default="LocalServer" if field == "FileServer" else "",
            )
            for order, (field, needed) in enumerate(fields, 1)
        ],
    }  # fmt: skip


FORMS: tuple[Mapping[str, Any], ...] = (
    _form(1, "Microsoft Excel", ("FileServer", False), ("FilePath", True)),
    _form(3, "SQL Server", ("ConnectionString", True), ("Password", False), ("CaFile", False), ("Schema", False)),
    _form(4, "Text", ("FileServer", False), ("File", True), ("Delimiter", False)),
    _form(
        101, "Active Directory",
        ("Server", True), ("UserName", True), ("Password", True), ("CaFile", False), ("Insecure", False),
    ),
    _form(103, "SCIM", ("ScimEndpoint", True), ("BearerToken", True), ("CaFile", False), ("Insecure", False)),
    _form(
        102, "Generic LDAP",
        ("Server", True), ("UserName", True), ("Password", True), ("CaFile", False), ("Insecure", False),
    ),
)  # fmt: skip
"""Every kind that can be registered."""
FILE_FIELDS: list[Any] = [_field(1, "FilePath", is_required=True)]
"""What a file on the server asks for."""
