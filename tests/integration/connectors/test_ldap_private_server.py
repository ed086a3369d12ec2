"""The private directory server that demonstrations and tests start for themselves."""

import os
import socket

import pytest

from accord.model.errors import SystemUnavailable
from accord.testing.private_slapd import OVERLAYS, PrivateSlapd, find_slapd

pytestmark = [
    pytest.mark.ldap,
    pytest.mark.skipif(find_slapd() is None, reason="slapd is not installed"),
]


def test_it_listens_on_loopback_only_and_ends_by_its_own_pid(tmp_path):
    with PrivateSlapd(tmp_path / "a folder") as server:
        assert server.url.startswith("ldap://127.0.0.1:")
        assert server.ldaps_url.startswith("ldaps://127.0.0.1:")
        pid = server.pid
        assert pid is not None
        os.kill(pid, 0)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    server.stop()


def test_two_servers_do_not_meet(tmp_path):
    with PrivateSlapd(tmp_path / "a") as first, PrivateSlapd(tmp_path / "b") as second:
        assert len({first.url, first.ldaps_url, second.url, second.ldaps_url}) == 4
        assert first.admin_password != second.admin_password


def test_a_restart_keeps_address_password_and_data(tmp_path):
    ldap = pytest.importorskip("ldap")
    server = PrivateSlapd(tmp_path, "o=Example", overlays=OVERLAYS)
    with server:
        url = server.url
        server.stop()
        server.load("dn: cn=x,ou=people,o=Example\nobjectClass: person\ncn: x\nsn: x\n")
        server.start()
        assert server.url == url
        connection = ldap.initialize(url)
        connection.simple_bind_s(server.admin_dn, server.admin_password)
        assert connection.search_s("cn=x,ou=people,o=Example", ldap.SCOPE_BASE, attrlist=["sn"])
        connection.unbind_s()


def test_it_says_why_it_does_not_start(tmp_path):
    with pytest.raises(SystemUnavailable, match="nonsense"):
        PrivateSlapd(tmp_path, extra_configuration="nonsense here").start()


def test_an_unknown_overlay_is_refused(tmp_path):
    with pytest.raises(ValueError, match="nope"):
        PrivateSlapd(tmp_path, overlays=["nope"])


def test_a_stopped_server_has_let_go_of_its_port(tmp_path):
    with PrivateSlapd(tmp_path) as server:
        port = int(server.url.rpartition(":")[2])
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
