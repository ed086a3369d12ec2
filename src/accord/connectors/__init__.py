"""The world: read connected systems, write connected systems. One folder per kind; kinds do not know each other."""
