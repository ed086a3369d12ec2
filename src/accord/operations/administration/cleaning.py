"""What is done to text on its way in: options of a mapping outside, functions around its expression inside."""

import re
from collections.abc import Sequence
from enum import StrEnum

from accord.model.errors import Invalid


class CaseNormalisation(StrEnum):
    """The case text is brought to."""

    UPPER = "Upper"
    LOWER = "Lower"
    TITLE = "Title"


_PROCESSING = {
    "TreatWhitespaceAsNoValue": "blank_to_null",
    "TrimWhitespace": "trim",
    "CollapseInternalWhitespace": "collapse_spaces",
}
_CASES = {CaseNormalisation.UPPER: "upper", CaseNormalisation.LOWER: "lower", CaseNormalisation.TITLE: "name_case"}
_CALL = re.compile(r"\s*(\w+)\((.*)\)\s*", re.DOTALL)
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def cleaned(expression: str, processing: str | None, case: CaseNormalisation | None) -> str:
    """Return the expression within the functions that do it, in the one order there is; raise Invalid for other words.

    `processing` is words with commas between.
    """
    wanted = {word.strip() for word in (processing or "None").split(",")} - {"None", ""}
    unknown = wanted - _PROCESSING.keys()
    if unknown:
        names = ", ".join(_PROCESSING)
        raise Invalid("no such processing", {"inboundValueProcessing": [f"{word}: use {names}" for word in unknown]})
    functions = [function for word, function in reversed(_PROCESSING.items()) if word in wanted]
    for function in [*functions, *([_CASES[case]] if case else [])]:
        expression = f"{function}({expression})"
    return expression


def taken_apart(expression: str) -> tuple[str, tuple[str, ...], CaseNormalisation | None]:
    """Return the expression without these functions around it, which they were, and the case."""
    case = None
    words: list[str] = []
    cases = {function: word for word, function in _CASES.items()}
    processing = {function: word for word, function in _PROCESSING.items()}
    while (call := _CALL.fullmatch(expression)) and is_whole(call[2]):
        function = call[1].lower()
        if function in cases and case is None and not words:
            case = cases[function]
        elif function in processing and processing[function] not in words:
            words.append(processing[function])
        else:
            break
        expression = call[2]
    return expression, tuple(word for word in _PROCESSING if word in words), case


def processing_names(words: Sequence[str]) -> str:
    """Return the words as the contract writes them."""
    return ", ".join(words) or "None"


def quoted(name: str) -> str:
    """Return an attribute's name as an expression."""
    return name if _PLAIN.fullmatch(name) else '"' + name.replace('"', '""') + '"'


def is_whole(inner: str) -> bool:
    """Tell whether the text stands within one pair of brackets, and is one argument."""
    depth = 0
    quote = ""
    for character in inner:
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in "()[]{}":
            depth += 1 if character in "([{" else -1
        if depth < 0 or (depth == 0 and character == "," and not quote):
            return False
    return depth == 0
