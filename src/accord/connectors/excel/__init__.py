"""Spreadsheets: one sheet, one object type, one row per object. Reads xlsx, xlsm, xls and ods; writes xlsx."""

from accord.connectors.excel.connector import KIND

__all__ = ["KIND"]
