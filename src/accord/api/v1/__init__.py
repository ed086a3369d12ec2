"""Run profiles, activities and the administration around them: one module per noun, each with its `router`."""
