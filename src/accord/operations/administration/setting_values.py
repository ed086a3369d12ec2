"""Values of settings as clients give them, put into a system's document; secrets go into the vault."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from accord.config.canonical import Document
from accord.config.findings import Findings
from accord.config.opening import is_reference
from accord.config.tree import as_values, read_tree
from accord.connectors.base import ConnectorKind
from accord.model.errors import Invalid
from accord.operations.administration.connectors import COMPOSED, SettingType, setting_name, setting_type
from accord.operations.administration.desk import CAMEL, Desk

_PORTS = {"ldap": 389, "ldaps": 636}


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingValue:
    """The value of one setting; which of the three depends on its type. None of them takes it away."""

    __pydantic_config__ = CAMEL
    string_value: str | None = None
    int_value: int | None = None
    checkbox_value: bool | None = None

    @property
    def given(self) -> str | int | bool | None:
        """Return the value."""
        found = (self.checkbox_value, self.int_value, self.string_value)
        return next((value for value in found if value is not None), None)


def put_settings(
    desk: Desk, kind: ConnectorKind, document: Document, values: Mapping[str, SettingValue]
) -> Mapping[str, str]:
    """Put values, by the number of their setting, into a system's document; return the secrets to keep, by name.

    Raises Invalid naming every setting that is none or does not fit.
    """
    settings = dict(_settings(document))
    secrets: dict[str, str] = {}
    wrong: dict[str, list[str]] = {}
    for number, value in values.items():
        try:
            _, name = desk.ids.steps("setting", int(number))
            if desk.ids.get("setting", kind.name, name) != int(number):
                wrong[f"settingValues.{number}"] = [f"is no setting of {kind.name}"]
                continue
            _put(kind, str(document["system"]), settings, name, value, secrets)
        except (ValueError, LookupError, Invalid) as error:
            wrong[f"settingValues.{number}"] = [str(error)]
    if wrong:
        raise Invalid("settings are wrong", wrong, remedy="look at the settings of the connector definition")
    document["settings"] = settings
    return secrets


def _put(  # noqa: PLR0913, PLR0917 - one setting, where it goes, and the secrets beside it
    kind: ConnectorKind, system: str, settings: Document, name: str, value: SettingValue, secrets: dict[str, str]
) -> None:
    given = value.given
    if name in COMPOSED.get(kind.name, {}):
        settings["url"] = _composed(str(settings.get("url", "")), name, given)
        return
    type_, choices = setting_type(kind.settings.model_fields[name])
    if given is None or given == "":
        settings.pop(name, None)
    elif type_ is SettingType.STRING_ENCRYPTED and not is_reference(given):
        secrets[f"{system}-{name}"] = str(given)
        settings[name] = f"secret:{system}-{name}"
    elif type_ is SettingType.CHECK_BOX and not isinstance(given, bool):
        raise ValueError(f"{setting_name(kind.name, name)} wants checkboxValue")
    elif type_ is SettingType.INTEGER and not isinstance(given, int):
        raise ValueError(f"{setting_name(kind.name, name)} wants intValue")
    elif choices and given not in choices:
        raise ValueError(f"{setting_name(kind.name, name)} is one of: {', '.join(choices)}")
    else:
        settings[name] = _structured(str(given)) if type_ is SettingType.TEXT else given


def _structured(text: str) -> object:
    findings = Findings()
    tree = read_tree(f"value: {text}\n".encode() if "\n" not in text else f"value:\n{_indented(text)}".encode(),
                     "value", findings)  # fmt: skip
    if tree is None:
        raise ValueError("; ".join(error.message for error in findings.errors))
    return as_values(tree.entries["value"])


def _indented(text: str) -> str:
    return "".join(f"  {line}\n" for line in text.splitlines())


def _composed(url: str, name: str, given: object) -> str:
    parts = urlsplit(url or "ldap://localhost")
    scheme, host, port = parts.scheme, parts.hostname or "localhost", parts.port
    if name == "Host":
        host = str(given or "localhost")
    elif name == "Port":
        port = int(str(given)) if given else None
        scheme = "ldaps" if port == _PORTS["ldaps"] else scheme
    else:
        scheme = "ldaps" if given else "ldap"
    return f"{scheme}://{host}" + (f":{port}" if port and port != _PORTS[scheme] else "")


def _settings(document: Document) -> Document:
    found = document.get("settings", {})
    return dict(found) if isinstance(found, dict) else {}
