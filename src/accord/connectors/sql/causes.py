"""Why a database refused that only its driver speaks to: by SQLSTATE, the server's number, or the words it uses."""

import re
from collections.abc import Mapping

from accord.connectors.sql.failures import Cause, is_about_certificate

_STATES: Mapping[str, Cause] = {
    "23505": Cause.NOT_UNIQUE, "23503": Cause.REFERENCE_MISSING, "23502": Cause.VALUE_REQUIRED,
    "23514": Cause.CHECK_FAILED, "22001": Cause.TOO_LONG, "42501": Cause.NO_PERMISSION, "42P01": Cause.MISSING,
    "42S02": Cause.MISSING, "42S22": Cause.MISSING, "42703": Cause.MISSING, "28000": Cause.SIGN_IN_REFUSED,
    "28P01": Cause.SIGN_IN_REFUSED, "40001": Cause.BUSY, "40P01": Cause.BUSY, "HYT00": Cause.BUSY,
    "HYT01": Cause.CONNECTION_LOST, "IM002": Cause.MISSING, "01000": Cause.MISSING,
}  # fmt: skip
"""The states that say enough by themselves; 01000 is unixODBC's for a driver whose file is not there."""
_CLASSES: Mapping[str, Cause] = {
    "08": Cause.CONNECTION_LOST, "22": Cause.BAD_VALUE, "25": Cause.READ_ONLY, "57": Cause.CONNECTION_LOST,
}  # fmt: skip
_NUMBERS: Mapping[int, Cause] = {
    2627: Cause.NOT_UNIQUE, 2601: Cause.NOT_UNIQUE, 547: Cause.REFERENCE_MISSING, 515: Cause.VALUE_REQUIRED,
    8152: Cause.TOO_LONG, 2628: Cause.TOO_LONG, 245: Cause.BAD_VALUE, 229: Cause.NO_PERMISSION,
    18456: Cause.SIGN_IN_REFUSED, 208: Cause.MISSING, 1205: Cause.BUSY,
}  # fmt: skip
"""SQL Server's numbers, which its drivers put in parentheses behind the message."""
_ORACLE: Mapping[str, Cause] = {
    "ORA-00001": Cause.NOT_UNIQUE, "ORA-02291": Cause.REFERENCE_MISSING, "ORA-02292": Cause.STILL_REFERENCED,
    "ORA-01400": Cause.VALUE_REQUIRED, "ORA-01407": Cause.VALUE_REQUIRED, "ORA-12899": Cause.TOO_LONG,
    "ORA-01438": Cause.TOO_LONG, "ORA-01722": Cause.BAD_VALUE, "ORA-02290": Cause.CHECK_FAILED,
    "ORA-01031": Cause.NO_PERMISSION, "ORA-01017": Cause.SIGN_IN_REFUSED, "ORA-00942": Cause.MISSING,
    "ORA-00904": Cause.MISSING, "ORA-00060": Cause.BUSY, "ORA-03113": Cause.CONNECTION_LOST,
    "DPY-6005": Cause.CONNECTION_LOST, "DPY-4011": Cause.CONNECTION_LOST,
}  # fmt: skip
_WORDS: tuple[tuple[str, Cause], ...] = (
    ("unique constraint", Cause.NOT_UNIQUE),
    ("foreign key constraint", Cause.REFERENCE_MISSING),
    ("not null constraint", Cause.VALUE_REQUIRED),
    ("check constraint", Cause.CHECK_FAILED),
    ("database is locked", Cause.BUSY),
    ("readonly database", Cause.NO_PERMISSION),
    ("no such table", Cause.MISSING),
    ("no such column", Cause.MISSING),
    ("unable to open database", Cause.MISSING),
)
"""SQLite's, whose ODBC driver gives one state for everything."""
_STATE_SIZE = 5


def cause_of(error: Exception) -> Cause:
    """Return why; REFUSED where nothing that is known was said."""
    # SQLAlchemy wraps what drivers raise while it reflects.
    error = getattr(error, "orig", None) or error
    text = " ".join(str(each) for each in error.args)
    if is_about_certificate(text):
        return Cause.CERTIFICATE
    for cause in (_of_oracle(text), _of_state(error), _of_number(text), _of_words(text)):
        if cause is not None:
            return cause
    return Cause.REFUSED


def _of_oracle(text: str) -> Cause | None:
    found = re.search(r"\b(?:ORA|DPY)-\d{4,5}\b", text)
    return _ORACLE.get(found[0]) if found else None


def _of_state(error: Exception) -> Cause | None:
    said = getattr(error, "sqlstate", None) or (error.args[0] if error.args else None)
    if not isinstance(said, str) or len(said) != _STATE_SIZE:
        return None
    return _STATES.get(said) or _CLASSES.get(said[:2])


def _of_number(text: str) -> Cause | None:
    numbers = (int(each) for each in re.findall(r"\((\d{3,5})\)", text))
    return next((_NUMBERS[number] for number in numbers if number in _NUMBERS), None)


def _of_words(text: str) -> Cause | None:
    folded = text.casefold()
    return next((cause for words, cause in _WORDS if words in folded), None)
