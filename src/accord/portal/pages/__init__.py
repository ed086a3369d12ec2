"""The pages, one module per noun, each with its `router`."""
