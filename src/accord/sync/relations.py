"""Names of the relations that stages hand to each other, so that no stage needs to know another."""

from accord.engine.frames import quote

OBJECT, IDENTITY, DN, NOW_DN = (quote(f"·{name}") for name in ("object", "identity", "dn", "now dn"))
"""Names of columns beside those an expression sees, which no attribute can have."""


def value_column(attribute: str) -> str:
    """Return the quoted name of the column that holds an attribute's canonical text, beside a relation's own columns.

    Own columns have no colon, so an attribute may have any name: `id`, `dn`, whatever a system calls it.
    """
    return quote(f"value:{attribute}")


def failed_column(attribute: str) -> str:
    """Return the quoted name of the column that tells whether an attribute's flow failed, where it can fail."""
    return quote(f"failed:{attribute}")


def contribution_relation(rule: str) -> str:
    """Return "contributed:R"(identity_id, object_id, <attribute> text..., <failed>...): what a rule contributes."""
    return quote(f"contributed:{rule}")


def scope_relation(rule: str) -> str:
    """Return "scope:R"(id): the objects in an inbound rule's scope."""
    return quote(f"scope:{rule}")


def merged_relation(identity_type: str) -> str:
    """Return "merged:M"(id, pattern, <attribute> text...): the identities as they shall be."""
    return quote(f"merged:{identity_type}")


def identity_relation(identity_type: str) -> str:
    """Return "identity:M"(_id, <attribute> typed...): the identities as they shall be, for expressions."""
    return quote(f"identity:{identity_type}")


def account_relation(rule: str) -> str:
    """Return "account:R"(identity_id, object_id, is_new, ...): whom an outbound rule keeps an account for."""
    return quote(f"account:{rule}")
