"""A small configuration that is right, and kinds of connectors, for tests to break one thing at a time."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, SecretStr, field_validator, model_validator

from accord.config import Configuration, load
from accord.connectors.base import Capabilities, SettingsPath
from accord.model.errors import ConfigError, ConfigErrors


class TableSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    path: SettingsPath
    header_row: int = 1
    password: SecretStr | None = None

    @field_validator("header_row")
    @classmethod
    def _counts_from_one(cls, value: int) -> int:
        if value < 1:
            raise ValueError("rows count from 1")
        return value

    @model_validator(mode="after")
    def _is_lucky(self) -> Self:
        if self.header_row == 13:
            raise ValueError("row 13 brings bad luck")
        return self


class BindSettings(BaseModel):
    model_config = ConfigDict(extra="forbid")
    user: str
    secret: SecretStr


class DirectorySettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    host: str
    port: int = 636
    bind: BindSettings | None = None
    tokens: dict[str, SecretStr] = {}


@dataclass(frozen=True)
class FakeKind:
    settings: type[BaseModel]
    capabilities: Capabilities


KINDS = {
    "table": FakeKind(TableSettings, Capabilities(can_write=True)),
    "list": FakeKind(TableSettings, Capabilities()),
    "directory": FakeKind(
        DirectorySettings,
        Capabilities(can_write=True, can_rename=True, can_delete=True, has_dn=True, assigns_anchor=True),
    ),
}


def kind_of(name):
    if name not in KINDS:
        raise ConfigError(f"there is no connector {name!r}", remedy=f"use one of: {', '.join(KINDS)}")
    return KINDS[name]


FILES = {
    "systems/hr.yaml": """\
system: hr
connector: list
settings: {path: hr.csv}
objects:
  person:
    anchor: employee_id
    attributes:
      employee_id: text
      first_name: text
      level: integer
      mails: {type: text, multivalued: true}
      manager_id: reference
""",
    "systems/accounts.yaml": """\
system: accounts
connector: table
settings: {path: accounts.csv, password: "env:TABLE_PASSWORD"}
objects:
  account:
    anchor: login
    attributes:
      login: text
      name: text
      level: integer
      manager: reference
      active: boolean
""",
    "types/person.yaml": """\
type: person
attributes:
  employee_id: text
  first_name: text
  level: integer
  mails: {type: text, multivalued: true}
  manager: reference
  account:
    type: text
    unique:
      base: lower(first_name)
      taken_in: [accounts.account.login]
""",
    "rules/in.yaml": """\
rule: in
direction: inbound
system: hr
object: person
identity: person
scope: employee_id is not null
join:
  - employee_id: employee_id
project: true
flows:
  employee_id: employee_id
  first_name: trim(first_name)
  level: level
  mails: mails
  manager: manager_id
""",
    "rules/out.yaml": """\
rule: out
direction: outbound
system: accounts
object: account
identity: person
join:
  - login: account
provision: true
anchor: account
flows:
  name: first_name
  level: level
  manager: manager
on_leave: disable
disable:
  active: false
""",
}

DIRECTORY = """\
system: directory
connector: directory
settings: {host: ldap.example}
objects:
  user:
    anchor: entryUUID
    attributes:
      uid: text
      entryUUID: {type: guid, writability: read_only}
      mail: {type: text, multivalued: true}
      sn: {type: text, required: true}
      created: {type: text, writability: create_only}
"""
TO_DIRECTORY = """\
rule: to-directory
direction: outbound
system: directory
object: user
identity: person
provision: true
dn: "'uid=' || account"
flows:
  uid: account
  mail: mails
  sn: first_name
  created: {expression: first_name, initial_only: true}
on_leave: delete
"""
WITH_DIRECTORY = FILES | {"systems/directory.yaml": DIRECTORY, "rules/to-directory.yaml": TO_DIRECTORY}


def write(folder: Path, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def changed(files, name, *pairs):
    """Return the files with text replaced in one of them; what is replaced must be there."""
    text = files[name]
    for old, new in pairs:
        assert old in text, f"{old!r} is not in {name}"
        text = text.replace(old, new, 1)
    return files | {name: text}


def loaded(folder: Path, files=FILES) -> Configuration:
    return load(write(folder, files), kind_of=kind_of)


def errors_of(folder: Path, files):
    """Return the errors of a configuration as (place, message, remedy)."""
    try:
        loaded(folder, files)
    except ConfigErrors as errors:
        return [(e.place, e.message, e.remedy) for e in errors.errors]
    return []


def only_error(folder: Path, files):
    errors = errors_of(folder, files)
    assert len(errors) == 1, errors
    return errors[0]
