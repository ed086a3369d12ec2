"""The proof kit: what shows that a connector keeps its promises. Imported by tests, never by the product."""
