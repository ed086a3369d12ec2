"""The shape of every file of a configuration folder: keys, types, defaults, and what each key means.

The descriptions are the editors' help (JSON Schema) and the remedies of messages; the reference page
`docs/reference/configuration.md` is tested against them.
"""

from typing import ClassVar, Literal

from pydantic import Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from accord.config.conditions import ScopePart
from accord.config.join_parts import ComparisonPart, FuzzyPart, JoinPart  # noqa: F401 - all shapes are found here
from accord.config.limits import GuardPart
from accord.config.parts import AttributeName, Expression, Label, Name, ObjectTypeName, Part, ShortPart, Text
from accord.config.timetable import ProfilePart
from accord.config.trust_parts import CertificatePart
from accord.model.rules import DeletionTrigger, OnLeave, SourceMatch
from accord.model.schema import ValueType, Writability


class ObjectAttributePart(ShortPart):
    """One attribute of an object type; the short form is its type."""

    SHORT: ClassVar[str] = "type"

    type: ValueType = Field(default=ValueType.TEXT, description="The type of one value.")
    multivalued: bool = Field(default=False, description="Whether it holds several values.")
    case_sensitive: bool = Field(default=True, description="Whether values that differ in case only are different.")
    writability: Writability = Field(default=Writability.READ_WRITE, description="When it may be written.")
    required: bool = Field(default=False, description="Whether a new object must have it.")
    format: str | None = Field(
        default=None, description='How dates that are not ISO 8601 are written, for example "%d.%m.%Y".'
    )
    description: str = Field(default="", description="A note for people.")


class MatchPart(Part):
    """One way to recognise an identity of one type, for every rule on these objects."""

    identity: Name = Field(description="The identity type.")
    keys: dict[Expression, AttributeName] = Field(
        min_length=1, description="Expression over the object: attribute of the identity. All must be equal."
    )
    case_sensitive: bool = Field(default=False, description="Whether text is compared with case.")


class ObjectTypePart(Part):
    """One object type of a connected system."""

    anchor: tuple[AttributeName, ...] = Field(
        min_length=1, description="The attribute, or list of attributes, that identifies an object for ever."
    )
    attributes: dict[AttributeName, ObjectAttributePart] = Field(
        default={}, description="The attributes to read and write; an anchor not listed is text."
    )
    match: tuple[MatchPart, ...] = Field(
        default=(), description="Ways to recognise the identity, tried before those of the rules, in this order."
    )

    @model_validator(mode="before")
    @classmethod
    def _list_of_anchors(cls, given: object) -> object:
        if isinstance(given, dict) and isinstance(given.get("anchor"), str):
            return given | {"anchor": [given["anchor"]]}
        return given

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler, /) -> JsonSchemaValue:
        """Allow a single anchor without brackets."""
        schema = handler.resolve_ref_schema(handler(core))
        anchor = schema["properties"]["anchor"]
        note = anchor.pop("description")
        schema["properties"]["anchor"] = {"anyOf": [anchor["items"], anchor], "description": note}
        return schema


class SystemFile(Part):
    """`systems/NAME.yaml`: one connected system."""

    system: Name = Field(description="The name of the system; the file is named after it.")
    title: Label | None = Field(default=None, description="What people call it, where that is more than the name.")
    description: str = Field(default="", description="A note for people.")
    connector: str = Field(description="The kind of connector.")
    settings: dict[str, object] = Field(default={}, description="The settings of the connector.")
    objects: dict[ObjectTypeName, ObjectTypePart] = Field(
        default={}, description="The object types by name; without any the system is a draft."
    )
    guard: GuardPart = Field(default_factory=GuardPart, description="Limits of this system.")
    profiles: dict[Label, ProfilePart] = Field(
        default={}, description="The run profiles by name; without any, one for everything the system can do."
    )


class UniquePart(Part):
    """How a value is made that no other identity has."""

    base: Expression = Field(description="An expression over the identity: the value to begin with.")
    suffix: str = Field(default="{base}{n}", description="How the number (2, 3, ...) is added when it is taken.")
    max_length: int = Field(default=64, ge=4, description="The most characters; the base is cut, never the number.")
    taken_in: tuple[str, ...] = Field(
        default=(), description="Attributes (system.object.attribute) whose values are taken too."
    )


class DerivedPart(Part):
    """References computed from equal values."""

    type: Name = Field(description="The identity type referred to.")
    theirs: AttributeName = Field(description="The attribute of that type that is compared.")
    ours: AttributeName = Field(description="The attribute of this type that it must equal.")
    scope: ScopePart | None = Field(default=None, description="A condition over those referred to.")


class IdentityAttributePart(ShortPart):
    """One attribute of an identity type; the short form is its type."""

    SHORT: ClassVar[str] = "type"

    type: ValueType = Field(default=ValueType.TEXT, description="The type of one value.")
    multivalued: bool = Field(default=False, description="Whether it holds several values.")
    case_sensitive: bool = Field(default=True, description="Whether values that differ in case only are different.")
    precedence: tuple[Name, ...] = Field(
        default=(), description="Inbound rules, the first wins; those not listed follow by their order."
    )
    unique: UniquePart | None = Field(default=None, description="How a unique value is made when there is none.")
    derived: DerivedPart | None = Field(default=None, description="How references are computed from equal values.")
    description: str = Field(default="", description="A note for people.")


class DeletionPart(Part):
    """When an identity ends."""

    trigger: DeletionTrigger = Field(
        default=DeletionTrigger.LAST_CONNECTOR,
        description="Never by itself, with its last account, or with its authoritative source.",
    )
    grace_days: int = Field(default=0, ge=0, le=3650, description="Days to wait; returning in time cancels it.")
    sources: tuple[Name, ...] = Field(
        default=(), description="The authoritative systems, from which an identity must have an object."
    )
    match: SourceMatch = Field(
        default=SourceMatch.ALL, description="Whether it ends when all sources are gone that it had, or any of them."
    )
    unless: ScopePart | None = Field(
        default=None, description="A condition over the identity as it last was: whoever meets it never ends by itself."
    )


class IdentityTypeFile(Part):
    """`types/NAME.yaml`: one identity type of the metaverse."""

    type: Name = Field(description="The name of the identity type; the file is named after it.")
    title: Label | None = Field(default=None, description="What people call it, where that is more than the name.")
    plural: Label | None = Field(default=None, description="What people call several of them.")
    attributes: dict[AttributeName, IdentityAttributePart] = Field(default={}, description="The attributes by name.")
    deletion: DeletionPart = Field(default_factory=DeletionPart, description="When an identity ends.")
    display: Expression | None = Field(default=None, description="An expression: how an identity is shown.")


class InboundFlowPart(ShortPart):
    """One flow into the metaverse; the short form is its expression."""

    SHORT: ClassVar[str] = "expression"

    expression: Expression = Field(description="An expression over the object.")
    null_is_value: bool = Field(
        default=False, description="Whether no value from here wins over rules of lower precedence."
    )
    enabled: bool = Field(default=True, description="Whether it flows.")


class OutboundFlowPart(ShortPart):
    """One flow into a connected system; the short form is its expression."""

    SHORT: ClassVar[str] = "expression"

    expression: Expression = Field(description="An expression over the identity.")
    initial_only: bool = Field(default=False, description="Whether it is sent when the account is created only.")
    enforce: bool | None = Field(
        default=None, description="Whether what the target changed by itself is put back; else as the rule says."
    )
    enabled: bool = Field(default=True, description="Whether it flows.")


class RuleFile(Part):
    """What inbound and outbound rules have in common."""

    rule: Name = Field(description="The name of the rule; the file is named after it.")
    title: Label | None = Field(default=None, description="What people call it, where that is more than the name.")
    description: str = Field(default="", description="A note for people.")
    enabled: bool = Field(default=True, description="Whether the rule is in force; one that is not is a draft.")
    system: Name = Field(description="The connected system.")
    object: ObjectTypeName = Field(description="The object type of that system.")
    identity: Name = Field(description="The identity type.")
    order: int = Field(default=100, ge=0, description="Rules apply in this order, then by name.")
    join: tuple[JoinPart, ...] = Field(
        default=(), description="Ways to recognise the identity of an object, tried in this order."
    )


class InboundRuleFile(RuleFile):
    """`rules/NAME.yaml` with `direction: inbound`: objects of a system become identities."""

    direction: Literal["inbound"] = Field(description="From the system into the metaverse.")
    scope: ScopePart | None = Field(default=None, description="A condition over the object: who is in scope.")
    project: bool = Field(default=False, description="Whether an object that joins no identity becomes a new one.")
    flows: dict[AttributeName, InboundFlowPart] = Field(
        default={}, description="Attribute of the identity: expression over the object."
    )
    many: bool = Field(default=False, description="Whether an identity may have several of these objects.")
    on_leave: Literal["disconnect", "remain"] = Field(
        default="disconnect", description="What happens to the link when the object leaves the scope."
    )


class PasswordPart(Part):
    """The first password of a new account."""

    attribute: AttributeName = Field(description="Where the system keeps it: unicodePwd, userPassword.")
    secret: Text | None = Field(
        default=None, description="A reference (env:NAME, file:PATH) to one password for all; none: one made for each."
    )
    length: int = Field(default=16, ge=6, le=127, description="How many characters a made one has.")
    uppercase: bool = Field(default=True, description="Whether it holds upper-case letters.")
    lowercase: bool = Field(default=True, description="Whether it holds lower-case letters.")
    digits: bool = Field(default=True, description="Whether it holds digits.")
    symbols: str = Field(default="!#$%*+-.:=?@_", description="The other characters it may hold, one at least.")
    avoid_similar: bool = Field(default=True, description="Whether it is without characters that look alike.")


class OutboundRuleFile(RuleFile):
    """`rules/NAME.yaml` with `direction: outbound`: identities get accounts in a system."""

    direction: Literal["outbound"] = Field(description="From the metaverse into the system.")
    scope: ScopePart | None = Field(default=None, description="A condition over the identity: who is in scope.")
    provision: bool = Field(default=False, description="Whether an identity without account gets a new one.")
    dn: Expression | None = Field(
        default=None, description="An expression: the distinguished name. A changed one renames or moves."
    )
    anchor: Expression | None = Field(
        default=None, description="An expression: the anchor of a new account, where the system does not make it."
    )
    rename: bool = Field(
        default=True,
        description="Whether a changed `dn` renames accounts that are there; else it only names new ones.",
    )
    slot: Name | None = Field(
        default=None, description="Which of several accounts of one identity in this system the rule is about."
    )
    enforce: bool = Field(default=True, description="Whether what the target changed by itself is put back.")
    password: PasswordPart | None = Field(default=None, description="The first password of a new account.")
    flows: dict[AttributeName, OutboundFlowPart] = Field(
        default={}, description="Attribute of the account: expression over the identity."
    )
    on_leave: OnLeave = Field(
        default=OnLeave.DISCONNECT, description="What happens to the account when the identity leaves the scope."
    )
    delete_unclaimed: bool = Field(
        default=False, description="Whether objects of the type that belong to nobody are deleted."
    )
    disable: dict[AttributeName, Expression] = Field(
        default={}, description="With on_leave: disable, the flows of a disabled account."
    )
    disable_container: Text | None = Field(
        default=None, description="With on_leave: disable, the dn below which a disabled account is put."
    )


class LookupFile(Part):
    """`lookups/NAME.yaml`: one table from text to text, for `lookup('NAME', key)` in expressions."""

    lookup: Name = Field(description="The name of the lookup; the file is named after it.")
    values: dict[str, Text] = Field(description="Key: value.")


class AccordFile(Part):
    """`accord.yaml`: what holds for the whole configuration. The file is optional."""

    data_folder: str | None = Field(
        default=None, description="Where Accord keeps its state; a relative path starts at this folder."
    )
    guard: GuardPart = Field(default_factory=GuardPart, description="Limits of every system that does not set its own.")
    service: dict[str, Text] = Field(default={}, description="Settings of the server that are not as they come.")
    certificates: tuple[CertificatePart, ...] = Field(
        default=(), description="Authorities to trust beside those of the machine."
    )

    @property
    def authorities(self) -> tuple[str, ...]:
        """Return the certificates that are in use, as PEM."""
        return tuple(part.pem for part in self.certificates if part.enabled)
