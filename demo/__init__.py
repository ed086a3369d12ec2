"""The demonstration: an HR workbook and a phone database become accounts and groups in a real directory."""
