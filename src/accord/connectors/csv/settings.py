"""What an administrator may say about a delimited text file."""

import codecs
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from accord.connectors.base import Settings, SettingsPath
from accord.connectors.tables.columns import DEFAULT_MULTI_VALUE_DELIMITER

AUTO = "auto"


def _one_character(text: str) -> str:
    if text != AUTO and (len(text) != 1 or text in '"\r\n' or not text.isascii()):
        raise ValueError("must be one ASCII character (a tab is written \\t in quotes), or auto")
    return text


def _known_encoding(name: str) -> str:
    if name == AUTO:
        return name
    try:
        # A byte order mark is kept when there is one, whatever the setting: utf-8-sig says nothing more.
        return codecs.lookup(name).name.removesuffix("-sig")
    except LookupError as error:
        raise ValueError(f"{name!r} is not an encoding; for example utf-8, cp1252, utf-16") from error


class CsvSettings(Settings):
    """One delimited text file."""

    path: SettingsPath = Field(description="The file; a relative path starts at the configuration folder.")
    object_type: str = Field(default="person", min_length=1, description="What one row is.")
    delimiter: Annotated[str, AfterValidator(_one_character)] = Field(
        default=AUTO, description="The character between values; auto chooses among comma, semicolon, tab, |."
    )
    encoding: Annotated[str, AfterValidator(_known_encoding)] = Field(
        default=AUTO, description="auto: byte order mark, else UTF-8, else a guess from a sample."
    )
    quote: Literal['"', "'"] = Field(default='"', description="The character around values that need it.")
    has_header: bool = Field(default=True, description="Whether the first row names the columns.")
    columns: tuple[str, ...] | None = Field(
        default=None, min_length=1, description="Names for the columns in order; instead of the header's."
    )
    multi_value_delimiter: str = Field(
        default=DEFAULT_MULTI_VALUE_DELIMITER, min_length=1, description="Between the values in one cell."
    )
    neutralise_formulas: bool = Field(
        default=False,
        description="Write ' before values that a spreadsheet would run; they then differ from what was sent.",
    )

    @model_validator(mode="after")
    def _columns_have_names(self) -> Self:
        if not self.has_header and self.columns is None:
            raise ValueError("a file without a header needs columns")
        if self.columns is not None and len(set(self.columns)) < len(self.columns):
            raise ValueError("columns has a name twice")
        return self
