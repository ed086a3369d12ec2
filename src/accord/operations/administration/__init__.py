"""Changing the configuration that a store keeps: one module per noun, each change one revision.

Views and requests are those of the administration contract: ids, names of enumerations, camelCase keys. What is
changed is the documents that YAML declares, so that there is one configuration, whoever changes it.
"""
