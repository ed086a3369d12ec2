"""A directory that is down, does not let us in, shows a wrong certificate, or refuses one entry."""

from pathlib import Path

import pytest
from processes import accord, refused

from accord.cli.exit_codes import ExitCode
from accord.testing.private_slapd import PrivateSlapd
from worlds import PASSWORD, World, people, person

pytestmark = pytest.mark.ldap


def test_a_directory_that_is_down_is_named_and_all_else_goes_on(local_ldap_world: World) -> None:
    world = local_ldap_world.make(people(3))
    server = world.server
    assert server is not None
    world.import_all()
    world.sync()
    server.stop()
    said = refused(accord(world, "run", "directory", "export"), ExitCode.UNREACHABLE, server.ldaps_url)
    assert "SYSTEM_UNAVAILABLE" in said
    assert "host, port and firewall" in said
    assert len(world.pending()) == 3
    assert accord(world, "run", "hr", "full-import").code == ExitCode.OK


def test_a_wrong_password_is_refused_without_showing_it(
    local_ldap_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = local_ldap_world.make(people(3))
    world.import_all()
    world.sync()
    before = world.pending()
    monkeypatch.setenv(PASSWORD, "Tr0ub4dor")
    said = refused(accord(world, "run", "directory", "export"), ExitCode.PERMISSION, "ldaps://127.0.0.1")
    assert "cn=admin,dc=example,dc=org" in said
    assert "password" in said
    assert "Tr0ub4dor" not in said
    assert world.pending() == before
    assert world.entries() == {}


def test_a_certificate_nobody_vouches_for_is_refused_before_a_password_is_sent(
    local_ldap_world: World, tmp_path: Path
) -> None:
    world = local_ldap_world.make(people(3))
    assert world.server is not None
    with PrivateSlapd(tmp_path / "other") as other:
        world.edit("systems/directory", str(world.server.ca_file), str(other.ca_file))
    said = refused(accord(world, "run", "directory", "full-import"), ExitCode.PERMISSION, world.server.ldaps_url)
    assert "certificate is not trusted" in said
    assert "ca_file" in said
    assert world.staged("directory") == {}


def test_one_entry_that_breaks_the_schema_is_told_and_the_others_are_made(local_ldap_world: World) -> None:
    world = local_ldap_world.make([person(1), person(2, last=""), person(3)])
    world.edit("rules/directory-user", "cn: first || ' ' || last", "cn: first")
    world.edit("types/person", "lower(left(first, 1) || last)", "lower(first)")
    world.import_all()
    world.sync()
    ended = accord(world, "run", "directory", "export")
    assert ended.code == ExitCode.OBJECT_ERRORS, ended.err
    for said in ("uid=ann2,ou=people,dc=example,dc=org", "OBJECT_CLASS_VIOLATION", "'sn'", "correct the cause"):
        assert said in ended.out, ended.out
    assert sorted(world.entries()) == [f"uid=ann{n},ou=people,dc=example,dc=org" for n in (1, 3)]
    world.import_("directory")
    assert world.pending_kinds() == [("create", "failed")]
    world.write_hr([person(1), person(2, last="Two"), person(3)])
    world.turn()
    assert len(world.entries()) == 3
