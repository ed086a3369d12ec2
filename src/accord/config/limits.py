"""The limits a plan must keep, as they are written in accord.yaml and in systems."""

from pydantic import Field

from accord.config.parts import Part


class LimitPart(Part):
    """One limit; a key that is not given keeps its default."""

    count: int | None = Field(default=None, ge=0, description="The most objects; null for no such limit.")
    percent: float | None = Field(
        default=None,
        ge=0,
        le=100,
        description="The most percent of the objects there are; null for no such limit.",
    )
    free: int = Field(default=5, ge=0, description="So many never break the limit.")


class GuardPart(Part):
    """Limits by kind of change; a kind that is not given keeps its default."""

    create: LimitPart = Field(default_factory=LimitPart, description="Accounts created.")
    update: LimitPart = Field(default_factory=LimitPart, description="Accounts changed.")
    rename: LimitPart = Field(default_factory=LimitPart, description="Accounts renamed or moved.")
    disable: LimitPart = Field(default_factory=LimitPart, description="Accounts disabled.")
    delete: LimitPart = Field(default_factory=LimitPart, description="Accounts deleted.")
    membership_drop: LimitPart = Field(default_factory=LimitPart, description="Values removed from references.")
    attribute_wipe: LimitPart = Field(
        default_factory=LimitPart, description="Objects that lose the last value of one attribute."
    )
    identity_delete: LimitPart = Field(default_factory=LimitPart, description="Identities deleted.")
    source_drop: LimitPart = Field(default_factory=LimitPart, description="Objects missing from an import.")
    source_errors: LimitPart = Field(default_factory=LimitPart, description="Rows of an import that could not be read.")
