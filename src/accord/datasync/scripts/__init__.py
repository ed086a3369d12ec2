"""Scripts of the contract: the small part of Visual Basic that jobs use, parsed and run here, confined and pure."""
