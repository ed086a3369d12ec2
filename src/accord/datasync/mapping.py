"""The field map of one object type: what each destination field is computed from, and what is special about some."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from accord.datasync.body import CONTAINER_BY_SCRIPT, CONTAINER_FROM_FIELD, FieldMap, JobBody, ObjectOption
from accord.datasync.compiled import LookUp, ScriptColumn
from accord.datasync.loose import Loose, wrong
from accord.datasync.naming import ObjectKind
from accord.datasync.passwords import is_password, password_policy
from accord.datasync.providers import ProviderKind
from accord.datasync.scripting import language_of
from accord.datasync.transforms import Resolve, Script, Transform, fields_used, parse_transform, to_expression
from accord.engine.frames import literal, quote
from accord.model.rules import PasswordPolicy, UniqueValue
from accord.model.schema import AttributeSchema, ObjectTypeSchema, ValueType, Writability

CONTAINER = "container of the job"
"""The identity's attribute with the place of a new account, where the job does not fix it."""

_MEMBERS = ("member", "members")
_DISABLE = "disable account"
_CONTROL = "userAccountControl"
_ENABLED, _DISABLED = "512", "514"


@dataclass(slots=True, kw_only=True)
class Mapped:
    """A field map, understood. `attributes` are those of the identity, `written` those of the account among them.

    `keys` are destination fields; `key_expressions` gives each as an expression over the source row.
    """

    attributes: dict[str, AttributeSchema] = field(default_factory=dict)
    expressions: dict[str, str] = field(default_factory=dict)
    key_expressions: dict[str, str] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)
    initial_only: set[str] = field(default_factory=set)
    columns: dict[str, None] = field(default_factory=dict)
    uniques: dict[str, UniqueValue] = field(default_factory=dict)
    look_ups: list[LookUp] = field(default_factory=list)
    scripts: list[ScriptColumn] = field(default_factory=list)
    password: PasswordPolicy | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the destination fields by which accounts are recognised."""
        return tuple(self.key_expressions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What the fields are mapped to: the kind of destination, what its objects can hold (None: not known yet)."""

    provider: ProviderKind
    variables: Mapping[str, str]
    schema: ObjectTypeSchema | None


def map_fields(body: JobBody, option: ObjectOption, kind: ObjectKind, target: Target) -> Mapped:
    """Return the field map of an object type; raise Invalid where a line of it makes no sense."""
    fields = body.fields_of(option.object_type)
    if not any(f.is_key for f in fields):
        raise wrong(f"{option.place}", f"{option.display_name} needs a key field", "tick isKey on one mapping")
    reader = _Reader(body, kind, target)
    for line in fields:
        reader.take(line)
    reader.take_container(option)
    _require(option, kind, reader.mapped)
    _complete_account(kind, target.provider, reader.mapped)
    return reader.mapped


class _Reader:
    def __init__(self, body: JobBody, kind: ObjectKind, target: Target) -> None:
        self.mapped = Mapped()
        self._language = language_of(body)
        self._member_key = body.settings.get("memberkey", "sAMAccountName")
        self._kind = kind
        self._provider = target.provider
        self._variables = target.variables
        known = target.schema.attributes if target.schema else {}
        self._known = {name.casefold(): attribute for name, attribute in known.items()}

    def take(self, line: FieldMap) -> None:
        """Add one line of the field map."""
        if is_password(line.destination) and (self._kind.can_sign_in or not self._provider.is_directory):
            self.mapped.password = password_policy(line, self._provider)
            return
        if line.destination.casefold() == _DISABLE:
            self._add(line, _CONTROL, ValueType.INTEGER)
            return
        schema = self._schema(line)
        if schema.name in self.mapped.attributes:
            raise wrong(f"{line.place}.destinationField", f"{schema.name} is mapped twice")
        self._add(line, schema.name, schema.type)

    def take_container(self, option: ObjectOption) -> None:
        """Add the place of new accounts, where it is computed."""
        if option.container_option == CONTAINER_FROM_FIELD:
            self.mapped.columns[option.container_value] = None
            expression = quote(option.container_value)
        elif option.container_option == CONTAINER_BY_SCRIPT:
            place = f"{option.place}.containerOptionValue"
            code = option.container_value.removeprefix("Script:text=")
            self.mapped.scripts.append(ScriptColumn(column=CONTAINER, code=code, place=place, language=self._language))
            expression = quote(CONTAINER)
        else:
            return
        self.mapped.attributes[CONTAINER] = AttributeSchema(name=CONTAINER, is_case_sensitive=False)
        self.mapped.expressions[CONTAINER] = expression

    def _add(self, line: FieldMap, name: str, type_: ValueType) -> None:
        mapped = self.mapped
        transform = parse_transform(line.transform, line.source, f"{line.place}.transform")
        schema = replace(self._schema(line), name=name, type=type_)
        needs_all = line.is_key or name.casefold() in {n.casefold() for n in self._kind.naming}
        expression = self._expression(line, transform, schema, needs_all=needs_all)
        if line.destination.casefold() == _DISABLE:
            expression = f"case when lower({expression}) in ('true', '1', 'yes') then {_DISABLED} else {_ENABLED} end"
        mapped.attributes[name] = schema
        mapped.places[name] = f"{line.place}.transform"
        mapped.written.append(name)
        if line.is_new_only or needs_all:
            mapped.initial_only.add(name)
        unique = Loose(line.options, f"{line.place}.options")
        if unique.flag("unique"):
            self._add_unique(line, name, expression, unique)
        else:
            mapped.expressions[name] = expression
        if line.is_key:
            mapped.key_expressions[name] = expression

    def _add_unique(self, line: FieldMap, name: str, expression: str, options: Loose) -> None:
        if line.is_key:
            raise wrong(line.place, "a unique name cannot be a key", "take a field that identifies the person as key")
        base = f"base of {name}"
        self.mapped.attributes[base] = AttributeSchema(name=base)
        self.mapped.expressions[base] = expression
        self.mapped.uniques[name] = UniqueValue(
            base=quote(base),
            suffix=options.text("suffix", "{base}{n}"),
            max_length=options.number("maxLength", 20 if name.casefold() == "samaccountname" else 64),
            taken_in=(("destination", self._kind.name, name),),
        )

    def _expression(self, line: FieldMap, transform: Transform, schema: AttributeSchema, *, needs_all: bool) -> str:
        for column in fields_used(transform):
            self.mapped.columns[column] = None
        if isinstance(transform, Script):
            column = f"script {schema.name}"
            self.mapped.scripts.append(
                ScriptColumn(
                    column=column, code=transform.code, place=f"{line.place}.transform", language=self._language
                )
            )
            return quote(column)
        is_member = self._kind.name == "group" and schema.name.casefold() in _MEMBERS
        if isinstance(transform, Resolve) or is_member:
            return self._look_up(line, transform, schema)
        expression = to_expression(transform, self._variables, needs_all=needs_all)
        if line.delimiter and schema.is_multivalued:
            return f"split({expression}, {literal(line.delimiter)})"
        return expression

    def _look_up(self, line: FieldMap, transform: Transform, schema: AttributeSchema) -> str:
        used = fields_used(transform)
        if len(used) != 1:
            raise wrong(f"{line.place}.transform", "names of other objects are looked up by one field")
        attribute = transform.attribute if isinstance(transform, Resolve) else self._member_key
        column = f"resolved {schema.name}"
        self.mapped.look_ups.append(LookUp(column=column, field=used[0], attribute=attribute, delimiter=line.delimiter))
        return quote(column)

    def _schema(self, line: FieldMap) -> AttributeSchema:
        known = self._known.get(line.destination.casefold())
        if known is None:
            if self._known and self._provider.is_directory and line.destination.casefold() != _DISABLE:
                raise wrong(
                    f"{line.place}.destinationField",
                    f"{self._kind.name} has no attribute {line.destination!r} in this directory",
                )
            is_member = line.destination.casefold() in _MEMBERS
            return AttributeSchema(
                name=line.destination,
                is_case_sensitive=not self._provider.is_directory,
                is_multivalued=is_member or (self._provider.is_directory and bool(line.delimiter)),
            )
        if known.writability is Writability.READ_ONLY:
            raise wrong(f"{line.place}.destinationField", f"{known.name} is read-only in this directory")
        # Names of other objects travel as texts here: the job looks them up itself.
        is_reference = known.type is ValueType.REFERENCE
        return replace(
            known,
            type=ValueType.TEXT if is_reference else known.type,
            is_case_sensitive=known.is_case_sensitive and not is_reference,
            is_required=False,
        )


def _require(option: ObjectOption, kind: ObjectKind, mapped: Mapped) -> None:
    if not option.is_create:
        return
    there = {name.casefold() for name in mapped.written}
    missing = [name for name in kind.required if name.casefold() not in there]
    if missing:
        raise wrong(
            f"{option.place}", f"{option.display_name} cannot be created without {' and '.join(missing)}",
            "add a mapping, or set isCreate to false",
        )  # fmt: skip


def _complete_account(kind: ObjectKind, provider: ProviderKind, mapped: Mapped) -> None:
    """Let a new user be enabled when it gets a password, and disabled without one."""
    if provider is not ProviderKind.ACTIVE_DIRECTORY or not kind.can_sign_in or _CONTROL in mapped.attributes:
        return
    mapped.attributes[_CONTROL] = AttributeSchema(name=_CONTROL, type=ValueType.INTEGER)
    mapped.expressions[_CONTROL] = _ENABLED if mapped.password else _DISABLED
    mapped.written.append(_CONTROL)
    mapped.initial_only.add(_CONTROL)


def names_written(mapped: Mapped) -> Iterator[tuple[str, bool]]:
    """Yield each attribute of the account with whether it is written on create only."""
    for name in mapped.written:
        yield name, name in mapped.initial_only
