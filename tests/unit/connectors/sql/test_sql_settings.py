"""What may be configured of a database, and what is refused before anything is opened."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from accord.connectors.sql import SqlSettings


def _settings(**values: object) -> SqlSettings:
    return SqlSettings.model_validate(values)


def test_a_relative_file_starts_at_the_configuration_folder(tmp_path: Path) -> None:
    settings = SqlSettings.model_validate({"url": "sqlite:///data/hr.db"}, context={"base": tmp_path})
    assert settings.address.database == str(tmp_path / "data" / "hr.db")
    absolute = SqlSettings.model_validate({"url": f"sqlite:///{tmp_path}/hr.db"}, context={"base": Path("/other")})
    assert absolute.address.database == str(tmp_path / "hr.db")


def test_the_password_is_apart_from_the_url_and_never_shown() -> None:
    settings = _settings(url="postgresql://anna@db.example/hr", password="p@ss/word")
    assert settings.address.password == "p@ss/word"
    inside = _settings(url="postgresql://anna:p%40ss%2Fword@db.example/hr")
    assert inside.address.password == "p@ss/word"
    for each in (settings, inside):
        assert "p@ss" not in f"{each!r} {each.place}"
        assert "p%40ss" not in f"{each!r} {each.place}"


def test_a_wrong_url_is_refused_without_repeating_it() -> None:
    with pytest.raises(ValidationError) as refused:
        _settings(url="anna:secret")
    assert "not a URL like" in refused.value.errors()[0]["msg"]
    with pytest.raises(ValidationError, match="unknown database 'dbase'"):
        _settings(url="dbase://x/y")
    with pytest.raises(ValidationError, match="names no database"):
        _settings(url="sqlite://")


@pytest.mark.parametrize("scheme", ["mysql", "mariadb", "mysql+pymysql"])
def test_mariadb_and_mysql_are_one_database(scheme: str) -> None:
    assert _settings(url=f"{scheme}://u@h/d").address.drivername == "mysql"


@pytest.mark.parametrize(
    ("url", "more", "is_sealed"),
    [
        ("postgresql://u@db.example/d", {}, True),
        ("postgresql://u@127.0.0.1/d", {}, False),
        ("postgresql://u@localhost/d", {}, False),
        ("postgresql://u@localhost.evil.example/d", {}, True),
        ("postgresql://u@[::1]/d", {}, False),
        ("mysql://u@db.example/d", {"insecure": True}, False),
        ("mysql://u@127.0.0.1/d", {"ca_file": "ca.pem"}, True),
    ],
)
def test_only_this_machine_is_reached_without_tls_unless_told(
    url: str, more: dict[str, object], is_sealed: bool
) -> None:
    assert _settings(url=url, **more).is_sealed is is_sealed


@pytest.mark.parametrize(
    "source",
    [
        {},
        {"table": "a", "query": "select 1"},
        {"table": "a", "multivalued": {"m": {}}},
        {"table": "a", "multivalued": {"m": {"table": "b"}}},
        {"table": "a", "multivalued": {"m": {"delimiter": ";", "table": "b", "key": "k", "value": "v"}}},
        {"table": "a", "multivalued": {"m": {"delimiter": ";", "key": "k"}}},
        {"query": "select 1", "multivalued": {"m": {"table": "b", "key": "k", "value": "v"}}},
        {"table": "a", "tabel": "b"},
    ],
)
def test_a_source_that_is_not_exactly_one_thing_is_refused(source: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        _settings(url="sqlite:///x.db", objects={"person": source})


def test_a_schema_is_named_schema() -> None:
    settings = _settings(url="sqlite:///x.db", schema="hr", objects={"person": {"table": "p", "schema": "old"}})
    assert (settings.schema_name, settings.objects["person"].schema_name) == ("hr", "old")
