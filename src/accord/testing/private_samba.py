"""A private Active Directory of Samba in a folder of its own: one loopback address, own authority, own passwords.

Needs root (the ports of a domain controller are fixed, so instances differ by address) and the packages samba-ad-dc,
samba-ad-provision, samba-dsdb-modules and openssl. No service, no DNS, no SMB; data are not durable.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from accord.model.errors import SystemUnavailable
from accord.testing.private_server import ServerUser, end, wait_until

DOMAIN = "DC=groupid,DC=lab"
UNIT = f"OU=API,{DOMAIN}"
"""Where tests make their objects."""

_REALM = "GROUPID.LAB"
_HOST = "dc1.groupid.lab"
_ADDRESSES = range(20, 60)
_SETUP = Path("/usr/share/samba/setup")

# An anonymous simple bind, version 3, message 1: any answer proves that the server serves.
_BIND = bytes.fromhex("300c020101600702010304008000")


def find_samba() -> Path | None:
    """Return the path of the domain controller's binary, None when it cannot be run here."""
    found = shutil.which("samba", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
    can_run = os.geteuid() == 0 and shutil.which("samba-tool") and shutil.which("openssl") and _SETUP.is_dir()
    return Path(found) if found and can_run else None


class PrivateSamba:
    """The domain groupid.lab with an empty `OU=API`, kept in `folder`; a context manager.

    `admin_upn` signs in; `ca_file` proves the server. Passwords need 7 characters of three classes.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.admin_upn = f"Administrator@{_REALM.lower()}"
        self.admin_password = f"Aa1.{secrets.token_urlsafe(15)}"
        self.ca_file = self.folder / "tls" / "ca.pem"
        self._address: str | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Return the plain address (which also offers StartTLS)."""
        return f"ldap://{self._known_address()}"

    @property
    def ldaps_url(self) -> str:
        """Return the address that speaks TLS from the first byte."""
        return f"ldaps://{self._known_address()}"

    @property
    def pid(self) -> int | None:
        """Return the process id of the running server."""
        return self._process.pid if self._process else None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Provision the domain on the first call (five seconds), start the server, return once it answers."""
        binary = find_samba()
        if binary is None:
            raise SystemUnavailable(
                "Samba's domain controller cannot be run here",
                remedy="as root: apt install samba-ad-dc samba-ad-provision samba-dsdb-modules",
            )
        if self._address is None:
            self._address = _free_address()
            self._provision()
        log = self.folder / "log" / "samba.out"
        command = [str(binary), f"--configfile={self._configuration}", "-F", "--no-process-group", "-M", "single"]
        self._process = ServerUser().start(command, folder=self.folder, log=log, orphaned=signal.SIGTERM)
        wait_until(lambda: _serves(self._known_address()), process=self._process, log=log, timeout_s=60)

    def stop(self) -> None:
        """End the server by its own process id; nothing happens when it does not run."""
        process, self._process = self._process, None
        if process is not None:
            end(process, signal.SIGTERM)

    def set_password_policy(self, *arguments: str) -> None:
        """Change the domain's password policy by options of `samba-tool domain passwordsettings set`."""
        self._tool("domain", "passwordsettings", "set", *arguments, "-H", f"{self.folder}/private/sam.ldb")

    def empty_unit(self) -> None:
        """Remove everything below `OU=API`."""
        import ldap  # noqa: PLC0415 - an optional library

        with self.signed_in() as connection:
            found = connection.search_s(UNIT, ldap.SCOPE_SUBTREE, "(objectClass=*)", ["1.1"])
            for dn, _ in sorted(found, key=lambda entry: -entry[0].count(",")):
                if dn != UNIT:
                    connection.delete_s(dn)

    def entries(self, *attributes: str) -> dict[str, dict[str, list[str]]]:
        """Return everything below `OU=API` by its cn, with these attributes as text."""
        import ldap  # noqa: PLC0415 - an optional library

        with self.signed_in() as connection:
            found = connection.search_s(UNIT, ldap.SCOPE_SUBTREE, "(cn=*)", ["cn", *attributes])
        return {
            entry["cn"][0].decode(): {name: [value.decode() for value in values] for name, values in entry.items()}
            for _, entry in found
        }

    def dns(self) -> list[str]:
        """Return the names of the users, groups and contacts below `OU=API`."""
        import ldap  # noqa: PLC0415 - an optional library

        with self.signed_in() as connection:
            return [dn for dn, _ in connection.search_s(UNIT, ldap.SCOPE_SUBTREE, "(cn=*)", ["1.1"])]

    def names_in_unit(self) -> list[str]:
        """Return the cn of everything below `OU=API`, sorted."""
        return sorted(self.entries())

    def can_sign_in(self, account_name: str, password: str) -> bool:
        """Tell whether the domain lets the account in with this password."""
        import ldap  # noqa: PLC0415 - an optional library

        try:
            with self._bound(f"{account_name}@{_REALM.lower()}", password):
                return True
        except ldap.INVALID_CREDENTIALS:
            return False

    def signed_in(self) -> AbstractContextManager[Any]:
        """Lend a connection of the administrator."""
        return self._bound(self.admin_upn, self.admin_password)

    @contextmanager
    def _bound(self, name: str, password: str) -> Iterator[Any]:
        import ldap  # noqa: PLC0415 - an optional library

        connection = ldap.initialize(self.url)
        connection.set_option(ldap.OPT_REFERRALS, 0)
        try:
            connection.simple_bind_s(name, password)
            yield connection
        finally:
            connection.unbind_s()

    @property
    def _configuration(self) -> Path:
        return self.folder / "etc" / "smb.conf"

    def _known_address(self) -> str:
        if self._address is None:
            raise RuntimeError("a private server has no address before it was started")
        return self._address

    def _provision(self) -> None:
        for name in ("etc", "tls", "run", "log", "cache"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        # An empty one keeps the distribution's own configuration out.
        empty = self.folder / "etc" / "empty.conf"
        empty.write_text("", encoding="ascii")
        _run(
            ["samba-tool", "domain", "provision", f"--configfile={empty}", f"--targetdir={self.folder}",
             f"--realm={_REALM}", "--domain=GROUPID", "--server-role=dc", "--dns-backend=NONE", "--use-rfc2307",
             "--host-name=dc1", f"--host-ip={self._address}", f"--adminpass={self.admin_password}",
             "--backend-store=mdb", f"--option=interfaces={self._address}/8",
             "--option=bind interfaces only=yes"],
            self.folder,
        )  # fmt: skip
        self._make_certificates()
        self._configuration.write_text(self._configuration_text(), encoding="ascii")
        self.set_password_policy("--history-length=0", "--min-pwd-age=0", "--max-pwd-age=0", "--min-pwd-length=7")
        self._add_unit()

    def _configuration_text(self) -> str:
        folder = self.folder
        places = {
            "private dir": "private", "state directory": "state", "cache directory": "cache", "lock directory": ".",
            "pid directory": "run", "ncalrpc dir": "run/ncalrpc", "winbindd socket directory": "run/winbindd",
            "ntp signd socket directory": "run/ntp_signd", "log file": "log/log.samba", "tls keyfile": "tls/key.pem",
            "tls certfile": "tls/cert.pem", "tls cafile": "tls/ca.pem",
        }  # fmt: skip
        options = {
            "workgroup": "GROUPID", "realm": _REALM, "netbios name": "DC1",
            "server role": "active directory domain controller", "server services": "ldap",
            "dcerpc endpoint servers": "", "interfaces": f"{self._address}/8", "bind interfaces only": "yes",
            "idmap_ldb:use rfc2307": "yes", "log level": "0", "ldap server require strong auth": "no",
            "tls enabled": "yes", "tls verify peer": "no_check", "ldb:nosync": "true",
        } | {name: f"{folder}/{place}" for name, place in places.items()}  # fmt: skip
        lines = ["[global]", *(f"  {name} = {value}" for name, value in options.items())]
        return "\n".join([*lines, "[sysvol]", f"  path = {folder}/state/sysvol", "  read only = no", ""])

    def _make_certificates(self) -> None:
        tls = self.folder / "tls"
        extension = tls / "extensions"
        extension.write_text(
            f"subjectAltName=DNS:{_HOST},IP:{self._address}\nextendedKeyUsage=serverAuth\n", encoding="ascii"
        )
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        commands = [
            ["req", "-x509", *key, "-days", "30", "-subj", "/CN=Private authority", "-addext",
             "keyUsage=critical,digitalSignature,keyCertSign", "-keyout", "ca.key", "-out", "ca.pem"],
            ["req", *key, "-subj", f"/CN={_HOST}", "-keyout", "key.pem", "-out", "request.pem"],
            ["x509", "-req", "-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
             "-days", "30", "-extfile", str(extension), "-out", "cert.pem"],
        ]  # fmt: skip
        for command in commands:
            _run(["openssl", *command], tls)
        (tls / "key.pem").chmod(0o600)

    def _add_unit(self) -> None:
        # Before the server runs its files may be written to.
        self._tool("ou", "create", UNIT, "-H", f"{self.folder}/private/sam.ldb")

    def _tool(self, *arguments: str) -> None:
        _run(["samba-tool", *arguments, f"--configfile={self._configuration}"], self.folder)


def _run(command: Sequence[str], folder: Path) -> None:
    ServerUser().run(command, folder=folder)


def _free_address() -> str:
    """Return a loopback address at which nobody serves a directory."""
    for last in _ADDRESSES:
        address = f"127.0.0.{last}"
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, 389))
            except OSError:
                continue
            return address
    raise SystemUnavailable("every loopback address has a directory already", remedy="end servers left behind")


def _serves(address: str) -> bool:
    try:
        with socket.create_connection((address, 389), timeout=2) as connection:
            connection.sendall(_BIND)
            return connection.recv(1) == b"\x30"
    except OSError:
        return False
