"""What an administrator declares: systems, identity types, synchronisation rules, limits. Data, not behaviour."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from accord.model.joins import JoinRule
from accord.model.schema import AttributeSchema, ObjectTypeSchema


class OnLeave(StrEnum):
    """What happens to an account when its identity is no longer in scope of the rule that keeps it."""

    DISCONNECT = "disconnect"
    REMAIN = "remain"
    DISABLE = "disable"
    DELETE = "delete"


class DeletionTrigger(StrEnum):
    """When an identity ends: never by itself, with its last account, or with its authoritative source."""

    MANUAL = "manual"
    LAST_CONNECTOR = "last_connector"
    AUTHORITATIVE_SOURCE = "authoritative_source"


class Operator(StrEnum):
    """How a condition compares. The negated ones hold where no value matches, also where there is no value."""

    EQUALS = "equals"
    NOT_EQUALS = "not_equals"
    STARTS_WITH = "starts_with"
    NOT_STARTS_WITH = "not_starts_with"
    ENDS_WITH = "ends_with"
    NOT_ENDS_WITH = "not_ends_with"
    CONTAINS = "contains"
    NOT_CONTAINS = "not_contains"
    LESS_THAN = "less_than"
    AT_MOST = "at_most"
    GREATER_THAN = "greater_than"
    AT_LEAST = "at_least"
    IS_PRESENT = "is_present"
    IS_ABSENT = "is_absent"
    IN = "in"
    MATCHES = "matches"


class GroupKind(StrEnum):
    """How many members of a group must hold."""

    ALL = "all"
    ANY = "any"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One comparison of an attribute; `values` as written: none for present and absent, several for IN only.

    `is_case_sensitive` None means as the attribute is declared.
    """

    attribute: str
    operator: Operator
    values: tuple[str, ...] = ()
    is_case_sensitive: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionGroup:
    """Conditions and groups of which all, any or none must hold; never empty."""

    kind: GroupKind
    members: "tuple[Condition | ConditionGroup, ...]"


Scope = str | ConditionGroup
"""Who is in scope: an expression, or a group of conditions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """The most that one plan may do of one kind; None means no limit of that sort.

    A count up to `free` never breaks the limit, so that small populations can live.
    """

    count: int | None = None
    percent: float | None = None
    free: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """The limits a plan must keep to be committed, and what makes a source look wrong."""

    create: Limit = Limit()
    update: Limit = Limit(percent=50.0, free=50)
    rename: Limit = Limit(percent=10.0)
    disable: Limit = Limit(percent=10.0)
    delete: Limit = Limit(percent=10.0)
    membership_drop: Limit = Limit(percent=20.0, free=20)
    attribute_wipe: Limit = Limit(percent=20.0, free=20)
    identity_delete: Limit = Limit(percent=10.0)
    source_drop: Limit = Limit(percent=30.0)
    source_errors: Limit = Limit(percent=10.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectedSystem:
    """A configured external system. `settings` are checked by the connector; secrets in them are references."""

    name: str
    connector: str
    settings: Mapping[str, object]
    object_types: Mapping[str, ObjectTypeSchema]
    guard: Guard = Guard()
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UniqueValue:
    """How a value that must be unique is made when an identity has none: `base`, then `base` + 2, + 3, ...

    `base` is an expression over the identity. `suffix` places the number: `{base}` and `{n}` are replaced,
    and the base is cut so that the whole never exceeds `max_length`. `taken_in` names attributes
    (`system.type.attribute`) whose present values are taken too, unless the account is the identity's own.
    """

    base: str
    suffix: str = "{base}{n}"
    max_length: int = 64
    taken_in: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivedReference:
    """References computed from equal values: all identities of `type` in `scope` whose `their` equals our `ours`."""

    type: str
    theirs: str
    ours: str
    scope: Scope | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityAttribute:
    """One attribute of an identity type. `precedence` lists rules, first wins; rules not listed follow in order."""

    schema: AttributeSchema
    precedence: tuple[str, ...] = ()
    unique: UniqueValue | None = None
    derived: DerivedReference | None = None


class SourceMatch(StrEnum):
    """How many authoritative sources must be gone before an identity ends."""

    ALL = "all"
    ANY = "any"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletionRule:
    """When identities of a type end, and how many days after. `sources` and `match` for AUTHORITATIVE_SOURCE.

    `unless` is a condition over the identity as it is stored: whoever meets it never ends by itself.
    """

    trigger: DeletionTrigger = DeletionTrigger.LAST_CONNECTOR
    grace_days: int = 0
    sources: tuple[str, ...] = ()
    match: SourceMatch = SourceMatch.ALL
    unless: Scope | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityType:
    """One kind of identity in the metaverse: person, group, application or any declared."""

    name: str
    attributes: Mapping[str, IdentityAttribute]
    deletion: DeletionRule = DeletionRule()
    display: str | None = None
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """One attribute flow: the target attribute gets the value of an expression over the source's attributes.

    A flow into or out of a reference attribute is the bare name of a reference attribute.
    `null_is_value`: no value from here wins over later contributors. `initial_only`: on create only.
    `is_enforced`: whether what the target changed by itself is put back; None as the rule says.
    """

    target: str
    expression: str
    null_is_value: bool = False
    initial_only: bool = False
    is_enforced: bool | None = None
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundRule:
    """Connected-system object type -> identity type: scope, joins in order, projection, flows.

    `joins_many`: an identity may have several objects of this type.
    """

    name: str
    system: str
    object_type: str
    identity_type: str
    order: int = 100
    scope: Scope | None = None
    joins: tuple[JoinRule, ...] = ()
    projects: bool = False
    flows: tuple[Flow, ...] = ()
    on_leave: OnLeave = OnLeave.DISCONNECT
    joins_many: bool = False
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordPolicy:
    """The first password of a new account, under `attribute`: made for each account, or one `secret` for all.

    `secret` is a reference, looked up when accounts are made. One that is made has `length` characters, at least one
    of each kind allowed; `symbols` are the other characters it may hold, empty for none.
    """

    attribute: str
    secret: str | None = None
    length: int = 16
    has_uppercase: bool = True
    has_lowercase: bool = True
    has_digits: bool = True
    symbols: str = "!#$%*+-.:=?@_"
    avoids_similar: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundRule:
    """Identity type -> connected-system object type: scope, joins to accounts already there, provisioning, flows.

    `dn` (systems with dns) and `anchor` (systems that do not assign it) name a new account; a changed `dn`
    renames or moves, unless `renames` says that accounts which are there keep theirs. `password` is given to
    new accounts when they are sent, and never part of a plan. `disable` are the flows of a disabled account
    (on_leave: disable), `disable_container` the dn below which it is put under its own name. With
    `deletes_unclaimed`, objects of the type that belong to nobody are deleted.
    """

    name: str
    system: str
    object_type: str
    identity_type: str
    order: int = 100
    scope: Scope | None = None
    joins: tuple[JoinRule, ...] = ()
    provisions: bool = False
    dn: str | None = None
    anchor: str | None = None
    renames: bool = True
    password: PasswordPolicy | None = None
    flows: tuple[Flow, ...] = ()
    on_leave: OnLeave = OnLeave.DISCONNECT
    deletes_unclaimed: bool = False
    disable: tuple[Flow, ...] = ()
    disable_container: str | None = None
    is_enforced: bool = True
    slot: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """The whole declared intent. `digest` changes whenever anything in it changes what a run would do."""

    systems: Mapping[str, ConnectedSystem]
    identity_types: Mapping[str, IdentityType]
    inbound: tuple[InboundRule, ...]
    outbound: tuple[OutboundRule, ...]
    lookups: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    digest: str = ""
