"""Canonical text to the bytes a directory stores. Pure; reading the other way is columnar (`columns`)."""

import base64
import binascii
import re
import uuid

from accord.model.schema import AttributeSchema, ValueType

PASSWORDS = frozenset({"userpassword", "unicodepwd"})
"""Attributes whose values may only travel encrypted and never appear in a message; names in lower case."""

PLAIN_TYPES = frozenset({ValueType.TEXT, ValueType.INTEGER, ValueType.DECIMAL, ValueType.DATE, ValueType.REFERENCE})
"""Types whose canonical text is what a directory stores."""

_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?Z")


def to_wire(text: str, attribute: AttributeSchema, *, is_active_directory: bool) -> bytes:
    """Return the bytes of one value; raise ValueError (without the value) when the text is not of its type."""
    if attribute.name.lower() == "unicodepwd" and attribute.type is not ValueType.BINARY:
        return f'"{text}"'.encode("utf-16-le")
    match attribute.type:
        case ValueType.BINARY:
            return _from_base64(text)
        case ValueType.BOOLEAN:
            return _boolean(text)
        case ValueType.DATETIME:
            return _generalized_time(text, default_fraction=".0" if is_active_directory else "")
        case ValueType.GUID if is_active_directory:
            return uuid.UUID(text).bytes_le
        case _:
            return text.encode()


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("the value is not base64") from error


def _boolean(text: str) -> bytes:
    if text not in ("true", "false"):
        raise ValueError("the value is neither true nor false")
    return text.upper().encode()


def _generalized_time(text: str, *, default_fraction: str) -> bytes:
    match = _ISO.fullmatch(text)
    if match is None:
        # What was not understood on reading is handed back as it came.
        return text.encode()
    year, month, day, hour, minute, second, fraction = match.groups()
    # Active Directory refuses a time without a fraction; elsewhere it would only come back differently.
    return f"{year}{month}{day}{hour}{minute}{second}{fraction or default_fraction}Z".encode()
