"""What file tables have in common: columns to objects, operations to rows, replacing a file. Knows no format."""
