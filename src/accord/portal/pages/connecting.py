"""Connecting a system, step by step: which kind, its settings, whether it answers, and what is read of it."""

import json
from collections.abc import Mapping

from fastapi import APIRouter, Request, Response

from accord.api.callers import AsAdministrator, Door
from accord.model.errors import AccordError, Conflict, Invalid, UsageError
from accord.operations.administration.connectors import ConnectorDetail, SettingType, list_connectors, read_connector
from accord.operations.administration.desk import Desk
from accord.operations.administration.naming import COMPOSED_SETTINGS
from accord.operations.administration.opening import test_draft
from accord.operations.administration.schema import change_attributes, change_object_type, object_types_of
from accord.operations.administration.schema_import import SchemaImport, import_schema
from accord.operations.administration.schema_views import AttributeChange, AttributesChange, ObjectTypeChange
from accord.operations.administration.setting_values import SettingValue
from accord.operations.administration.systems import NewSystem, SystemChange, add_system, change_system, read_system
from accord.portal.forms import Form, go_to
from accord.portal.rendering import Said, page, part

router = APIRouter(include_in_schema=False)
_COMPOSED = frozenset(name for names in COMPOSED_SETTINGS.values() for name in names)
"""Parts of another setting, which automation may give one by one; a person sees that one alone."""
_SAID = Said(
    api="curl -X POST -H 'X-API-Key: …' $ACCORD/api/v1/synchronisation/connected-systems -d '{…}'",
    powershell="New-AccordConnectedSystem -Name … -ConnectorDefinitionId … -PassThru",
    command="accord systems discover SYSTEM",
)


@router.get("/systems/new")
def choose(request: Request, door: AsAdministrator) -> Response:
    """Ask which kind of system it is."""
    return _choice(request, door)


@router.post("/systems/new")
def begin(request: Request, door: AsAdministrator, form: Form) -> Response:
    """Make the system, a draft until its settings are right."""
    name, connector = form.get("name", "").strip(), form.get("connector", "")
    if not name or not connector.isdecimal():
        return _choice(request, door, wrong="Give it a name and choose a connector.")
    try:
        with door.writing() as context:
            desk = Desk(context)
            made = add_system(desk, NewSystem(name=name, connector_definition_id=int(connector)))
            path = Desk(context).ids.steps("system", made.id)[0]
    except (Conflict, Invalid) as error:
        return _choice(request, door, wrong=error.message)
    return go_to(f"/systems/{path}/settings")


@router.get("/systems/{name}/settings")
def show_settings(request: Request, door: AsAdministrator, name: str) -> Response:
    """Ask for the settings of a system."""
    return _settings(request, door, name)


@router.post("/systems/{name}/settings")
def keep_settings(request: Request, door: AsAdministrator, name: str, form: Form) -> Response:
    """Keep the settings; secrets that are left empty stay as they are."""
    try:
        with door.writing() as context:
            desk = Desk(context)
            number = desk.ids.of("system", name)
            kind = read_connector(desk, read_system(desk, number).connector.id)
            change = SystemChange(setting_values=_given(kind, form), change_reason=form.get("reason") or None)
            change_system(desk, number, change)
    except AccordError as error:
        return _settings(request, door, name, wrong=str(error), given=form)
    return go_to(f"/systems/{name}/settings")


@router.get("/systems/{name}/settings/test")
def try_settings(request: Request, door: AsAdministrator, name: str) -> Response:
    """Ask the system whether it is there."""
    with door.reading() as context:
        try:
            return part(request, "_connection.html", test=test_draft(Desk(context), name), error=None)
        except AccordError as error:
            return part(request, "_connection.html", test=None, error=error)


@router.post("/systems/{name}/schema")
def discover(request: Request, door: AsAdministrator, name: str, form: Form) -> Response:  # noqa: ARG001 - checked
    """Ask the system what it offers."""
    try:
        with door.writing() as context:
            import_schema(Desk(context), name, SchemaImport())
    except AccordError as error:
        return _settings(request, door, name, wrong=str(error))
    return go_to(f"/systems/{name}/settings#schema")


@router.post("/systems/{name}/schema/{number}")
def choose_attributes(request: Request, door: AsAdministrator, name: str, number: int, form: Form) -> Response:
    """Read an object type with the attributes that were ticked, or no more when none was."""
    ticked = {key.removeprefix("attribute-") for key in form if key.startswith("attribute-")}
    anchor = form.get("anchor", "")
    try:
        with door.writing() as context:
            change_object_type(Desk(context), name, number, ObjectTypeChange(selected=bool(ticked)))
            if ticked:
                known = next(t for t in object_types_of(Desk(context), name, with_attributes=True) if t.id == number)
                changes = {
                    str(a.id): AttributeChange(
                        selected=True if str(a.id) in ticked or str(a.id) == anchor else a.is_external_id and None,
                        is_external_id=True if str(a.id) == anchor else None,
                    )
                    for a in known.attributes or ()
                }
                change_attributes(Desk(context), name, number, AttributesChange(attributes=changes))
    except AccordError as error:
        return _settings(request, door, name, wrong=str(error))
    return go_to(f"/systems/{name}/settings#schema")


def _given(kind: ConnectorDetail, form: Mapping[str, str]) -> dict[str, SettingValue]:
    values: dict[str, SettingValue] = {}
    for setting in kind.settings:
        text = form.get(f"setting-{setting.id}", "")
        if setting.type is SettingType.CHECK_BOX:
            values[str(setting.id)] = SettingValue(checkbox_value=text == "on")
        elif setting.type is SettingType.INTEGER and text.strip():
            values[str(setting.id)] = SettingValue(int_value=_whole(setting.name, text))
        elif text.strip():
            values[str(setting.id)] = SettingValue(string_value=text)
    return values


def _whole(name: str, text: str) -> int:
    if not text.strip().lstrip("-").isdecimal():
        raise Invalid(f"{name} is a whole number", {name: [f"{text!r} is none"]})
    return int(text)


def _choice(request: Request, door: Door, *, wrong: str = "") -> Response:
    note = ""
    with door.reading() as context:
        try:
            kinds = list_connectors(Desk(context))
        except UsageError as error:
            kinds, note = [], f"{error.message}: {error.remedy}"
    return page(
        request, "connect.html", place="systems", title="Connect a system", kinds=kinds, wrong=wrong, said=_SAID,
        note=note, code=400 if wrong else 200,
    )  # fmt: skip


def _settings(
    request: Request, door: Door, name: str, *, wrong: str = "", given: Mapping[str, str] | None = None
) -> Response:
    with door.reading() as context:
        desk = Desk(context)
        found = read_system(desk, desk.ids.of("system", name))
        kind = read_connector(desk, found.connector.id)
        written = desk.read.settings.get(name, {})
        now = {s.id: written[key] for s in kind.settings if (key := desk.ids.steps("setting", s.id)[1]) in written}
        types = object_types_of(desk, name, with_attributes=True)
    return page(
        request, "settings.html", place="systems", title=f"{found.name}: settings", found=found, kind=kind, name=name,
        types=types, values=_shown(kind, now, given), written=written, wrong=wrong, said=_SAID, composed=_COMPOSED,
        code=400 if wrong else 200,
    )  # fmt: skip


def _shown(kind: ConnectorDetail, now: Mapping[int, object], given: Mapping[str, str] | None) -> dict[int, object]:
    """Return what each field of the form holds: what was just given, else what is set now, else the default."""
    if given is not None:
        return {s.id: given.get(f"setting-{s.id}", "") for s in kind.settings}
    defaults = {s.id: s.default_checkbox_value for s in kind.settings if s.type is SettingType.CHECK_BOX}
    texts = {number: value if isinstance(value, str | int) else _yaml(value) for number, value in now.items()}
    return {**defaults, **texts}


def _yaml(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
