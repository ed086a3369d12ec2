"""What an administrator may say about a spreadsheet."""

from pydantic import Field

from accord.connectors.base import Settings, SettingsPath
from accord.connectors.tables.columns import DEFAULT_MULTI_VALUE_DELIMITER


class ExcelSettings(Settings):
    """One sheet of one workbook."""

    path: SettingsPath = Field(description="The workbook; a relative path starts at the configuration folder.")
    sheet: str | None = Field(default=None, min_length=1, description="The sheet; not needed when there is one.")
    header_row: int = Field(default=1, ge=1, description="The row that names the columns, as Excel counts.")
    object_type: str = Field(default="person", min_length=1, description="What one row is.")
    multi_value_delimiter: str = Field(
        default=DEFAULT_MULTI_VALUE_DELIMITER, min_length=1, description="Between the values in one cell."
    )
    max_unpacked_bytes: int = Field(
        default=1 << 30, ge=1 << 20, description="A workbook that unpacks to more is refused unread."
    )
