"""Secrets are references, looked up only when a system is opened."""

import pytest
from config_folders import FILES, WITH_DIRECTORY, changed, errors_of, kind_of, loaded, only_error

from accord.config import dumped_files
from accord.model.errors import ConfigError, NotFound


def test_a_secret_is_looked_up_in_the_environment_when_the_system_is_opened(tmp_path):
    configuration = loaded(tmp_path)

    settings = configuration.open_settings("accounts", environ={"TABLE_PASSWORD": "s3cret"})

    assert settings.password.get_secret_value() == "s3cret"
    assert settings.path == tmp_path.resolve() / "accounts.csv"
    assert "s3cret" not in repr(configuration)


def test_a_secret_is_read_from_a_file_beside_the_configuration_without_its_line_end(tmp_path):
    files = changed(FILES, "systems/accounts.yaml", ("env:TABLE_PASSWORD", "file:secrets/table"))
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "table").write_bytes("pä ss\r\n".encode())

    assert loaded(tmp_path, files).open_settings("accounts").password.get_secret_value() == "pä ss"


def test_secrets_inside_parts_and_tables_of_settings_are_looked_up_too(tmp_path):
    settings = "settings: {host: x, bind: {user: cn=a, secret: env:BIND}, tokens: {first: env:TOKEN}}"
    files = changed(WITH_DIRECTORY, "systems/directory.yaml", ("settings: {host: ldap.example}", settings))

    opened = loaded(tmp_path, files).open_settings("directory", environ={"BIND": "b", "TOKEN": "t"})

    assert opened.bind.secret.get_secret_value() == "b"
    assert opened.tokens["first"].get_secret_value() == "t"


def test_a_literal_secret_is_found_wherever_it_stands(tmp_path):
    settings = "settings:\n  host: x\n  bind:\n    user: cn=a\n    secret: hunter2\n  tokens: {first: abc}"
    files = changed(WITH_DIRECTORY, "systems/directory.yaml", ("settings: {host: ldap.example}", settings))

    errors = errors_of(tmp_path, files)

    assert [(place, message) for place, message, _ in errors] == [
        ("systems/directory.yaml:7", "the secret bind.secret stands in the file"),
        ("systems/directory.yaml:8", "the secret tokens.first stands in the file"),
    ]
    assert "hunter2" not in str(errors)


def test_a_password_inside_a_url_is_an_error_and_never_dumped(tmp_path):
    url = "settings:\n  host: postgresql://hr:hunter2@db.example/hr"
    files = changed(WITH_DIRECTORY, "systems/directory.yaml", ("settings: {host: ldap.example}", url))

    place, message, remedy = only_error(tmp_path, files)

    assert (place, message) == ("systems/directory.yaml:4", "the URL holds a password")
    assert "password: env:NAME" in remedy
    rules = loaded(tmp_path / "b", WITH_DIRECTORY).rules
    rules.systems["directory"].settings["host"] = "x://u:hunter2@h/"
    with pytest.raises(ConfigError, match="holds a password") as caught:
        dumped_files(rules, kind_of=kind_of)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "host", ["ldaps://ldap.example:636", "sqlite:///data/x.db", "postgresql://hr@db:5432/hr", "a:b@c"]
)
def test_a_url_without_a_password_is_fine(tmp_path, host):
    files = changed(WITH_DIRECTORY, "systems/directory.yaml", ("ldap.example", f'"{host}"'))

    assert errors_of(tmp_path, files) == []


@pytest.mark.parametrize(
    ("reference", "environ", "message"),
    [
        ("env:TABLE_PASSWORD", {}, "no environment variable TABLE_PASSWORD"),
        ("env:TABLE_PASSWORD", {"TABLE_PASSWORD": ""}, "empty"),
        ("file:nowhere", {}, "cannot be read"),
        ("file:binary", {}, "not UTF-8"),
        ("file:large", {}, "larger"),
    ],
)
def test_a_secret_that_is_not_there_is_an_error_only_when_the_system_is_opened(tmp_path, reference, environ, message):
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "large").write_bytes(b"x" * 70_000)
    configuration = loaded(tmp_path, changed(FILES, "systems/accounts.yaml", ("env:TABLE_PASSWORD", reference)))

    with pytest.raises(ConfigError, match=message) as caught:
        configuration.open_settings("accounts", environ=environ)
    assert caught.value.place == "systems/accounts.yaml:1"


def test_a_system_nobody_declared_cannot_be_opened(tmp_path):
    with pytest.raises(NotFound, match="accounts, hr"):
        loaded(tmp_path).open_settings("payroll")


def test_a_dump_holds_references_and_refuses_literal_secrets(tmp_path):
    rules = loaded(tmp_path).rules
    assert b"password: env:TABLE_PASSWORD" in dumped_files(rules, kind_of=kind_of)["systems/accounts.yaml"]

    accounts = rules.systems["accounts"]
    leaking = dict(rules.systems) | {
        "accounts": type(accounts)(
            name="accounts",
            connector="table",
            settings={"path": "x", "password": "hunter2"},
            object_types=accounts.object_types,
        )
    }
    literal = type(rules)(
        systems=leaking, identity_types=rules.identity_types, inbound=rules.inbound, outbound=rules.outbound
    )
    with pytest.raises(ConfigError, match="stands in the settings") as caught:
        dumped_files(literal, kind_of=kind_of)
    assert "hunter2" not in str(caught.value)
