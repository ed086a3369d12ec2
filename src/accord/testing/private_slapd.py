"""A private OpenLDAP server in a folder of its own: loopback only, free ports, own certificate, own passwords.

Needs the `slapd` and `openssl` binaries, no Python package, no service, no root. Data are not durable
(no fsync): for demonstrations and tests.
"""

import secrets
import shutil
import socket
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from accord.model.errors import SystemUnavailable

OVERLAYS: tuple[str, ...] = ("memberof", "refint", "unique", "ppolicy", "syncprov")
"""The overlays a private server can be given."""

_BINARIES = ("/usr/sbin/slapd", "/usr/local/libexec/slapd", "/usr/libexec/slapd", "/usr/lib/openldap/slapd")
_SCHEMAS = ("/etc/ldap/schema", "/etc/openldap/schema", "/usr/local/etc/openldap/schema")
_MODULES = ("/usr/lib/ldap", "/usr/lib64/openldap", "/usr/lib/openldap", "/usr/libexec/openldap")
_APPARMOR_PROFILE = Path("/etc/apparmor.d/usr.sbin.slapd")

# An anonymous simple bind, version 3, message 1: any answer proves that the server serves.
_BIND = bytes.fromhex("300c020101600702010304008000")


def find_slapd() -> Path | None:
    """Return the path of the slapd binary, None when OpenLDAP's server is not installed."""
    found = shutil.which("slapd")
    candidates = ([found] if found else []) + list(_BINARIES)
    return next((Path(path) for path in candidates if Path(path).is_file()), None)


class PrivateSlapd:
    """One server with `suffix`, `ou=people` and `ou=groups` in it, kept in `folder`; a context manager.

    The administrator is not subject to limits or access rules; `reader_dn` is: it may read everything but
    passwords and write nothing. `size_limit` bounds the entries one search of the reader may return.
    A stopped server may be started again: same data, same ports, same passwords.
    """

    def __init__(
        self,
        folder: Path,
        suffix: str = "dc=example,dc=org",
        *,
        overlays: Sequence[str] = (),
        size_limit: int | None = None,
        extra_configuration: str = "",
    ) -> None:
        unknown = sorted(set(overlays) - set(OVERLAYS))
        if unknown:
            raise ValueError(f"unknown overlays {unknown}, there are {OVERLAYS}")
        self.folder = folder.resolve()
        self.suffix = suffix
        self.admin_dn = f"cn=admin,{suffix}"
        self.admin_password = secrets.token_urlsafe(18)
        self.reader_dn = f"cn=reader,{suffix}"
        self.reader_password = secrets.token_urlsafe(18)
        self.ca_file = self.folder / "tls" / "cert.pem"
        self._overlays = tuple(overlays)
        self._size_limit = size_limit
        self._extra_configuration = extra_configuration
        self._ports: tuple[int, int] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Return the plain address (which also offers StartTLS)."""
        return f"ldap://127.0.0.1:{self._known_ports()[0]}"

    @property
    def ldaps_url(self) -> str:
        """Return the address that speaks TLS from the first byte."""
        return f"ldaps://127.0.0.1:{self._known_ports()[1]}"

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

    def start(self, *, within_s: float = 20.0) -> None:
        """Make the folder's server on the first call, start it, return once it answers.

        Raises SystemUnavailable with what the server said when it does not come up.
        """
        binary = self._prepare()
        attempts = 3 if self._ports is None else 1
        for attempt in range(attempts):
            self._ports = self._ports or _free_ports()
            log_path = self.folder / "slapd.log"
            with log_path.open("wb") as log:
                self._process = subprocess.Popen(  # noqa: S603 (our own binary and our own arguments)
                    [binary, "-f", self._configuration, "-h", f"{self.url} {self.ldaps_url}", "-d", "0"],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                )
            if self._answers(within_s):
                return
            self.stop()
            if attempt + 1 < attempts:
                # Somebody else may have taken a port between our choice and the server's bind.
                self._ports = None
        said = log_path.read_text(errors="replace").strip()[-500:]
        raise SystemUnavailable(
            f"the private directory server did not start: {said or 'it said nothing'}",
            place=str(self.folder),
            remedy="see slapd.log in that folder",
        )

    def stop(self) -> None:
        """End the server by its own process id; nothing happens when it does not run."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def load(self, ldif: str) -> None:
        """Add entries offline, fast; only while the server is stopped."""
        if self._process is not None:
            raise RuntimeError("stop the server before loading entries offline")
        binary = self._prepare()
        self._slapadd(binary, ldif)

    @property
    def _configuration(self) -> Path:
        return self.folder / "slapd.conf"

    def _known_ports(self) -> tuple[int, int]:
        if self._ports is None:
            raise RuntimeError("a private server has no address before it was started")
        return self._ports

    def _prepare(self) -> Path:
        binary = find_slapd()
        if binary is None:
            raise SystemUnavailable(
                "slapd is not installed", remedy="install OpenLDAP's server (Debian: apt install slapd)"
            )
        for name in ("data", "tls"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        if _APPARMOR_PROFILE.exists():
            # The distribution's profile binds the installed path to its own folders; a copy is not bound.
            copied = self.folder / "slapd"
            if not copied.exists():
                shutil.copy2(binary, copied)
            binary = copied
        if not self.ca_file.exists():
            self._make_certificate()
        self._configuration.write_text(self._configuration_text(), encoding="utf-8")
        self._configuration.chmod(0o600)
        if not (self.folder / "data" / "data.mdb").exists():
            self._slapadd(binary, self._base_tree())
        return binary

    def _make_certificate(self) -> None:
        openssl = shutil.which("openssl")
        if openssl is None:
            raise SystemUnavailable("openssl is not installed", remedy="install the openssl command")
        key = self.ca_file.with_name("key.pem")
        _run(
            [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
             "-days", "30", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
             "-addext", "keyUsage=critical,digitalSignature,keyCertSign", "-keyout", key, "-out", self.ca_file],
            "",
        )  # fmt: skip
        key.chmod(0o600)

    def _slapadd(self, binary: Path, ldif: str) -> None:
        _run([binary, "-Tadd", "-q", "-f", self._configuration, "-b", self.suffix], ldif)

    def _answers(self, within_s: float) -> bool:
        pause_s = 0.01
        process = self._process
        for _ in range(int(within_s / pause_s)):
            if process is None or process.poll() is not None:
                return False
            if all(_accepts(port) for port in self._known_ports()) and _serves(self._known_ports()[0]):
                return True
            # Waiting for the process is a pause that ends early when the server dies.
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=pause_s)
        return False

    def _configuration_text(self) -> str:
        schemas = _folder(_SCHEMAS)
        modules = _folder(_MODULES)
        lines = [f'include "{schemas}/{name}.schema"' for name in ("core", "cosine", "inetorgperson", "nis")]
        if modules is not None:
            lines.append(f'modulepath "{modules}"')
            lines.extend(f"moduleload {name}" for name in ("back_mdb", *self._overlays))
        lines += [
            f'pidfile "{self.folder}/slapd.pid"',
            f'argsfile "{self.folder}/slapd.args"',
            f'TLSCertificateFile "{self.ca_file}"',
            f'TLSCertificateKeyFile "{self.ca_file.with_name("key.pem")}"',
            f"sizelimit {self._size_limit or 'unlimited'}",
            "timelimit unlimited",
            "threads 4",
            "conn_max_pending_auth 5000",
            "database mdb",
            f'suffix "{self.suffix}"',
            f'rootdn "{self.admin_dn}"',
            f'rootpw "{self.admin_password}"',
            f'directory "{self.folder}/data"',
            "maxsize 1073741824",
            "envflags nosync writemap",
            "index objectClass,uid,mail,employeeNumber,cn,sn eq",
            "index member,uniqueMember,manager,owner eq",
            "index entryUUID,entryCSN eq",
            "access to attrs=userPassword by self write by anonymous auth by * none",
            "access to * by * read",
            self._extra_configuration,
        ]
        lines.extend(line for name in self._overlays for line in self._overlay(name))
        return "\n".join(lines) + "\n"

    def _overlay(self, name: str) -> list[str]:
        options = {
            "memberof": ["memberof-refint true"],
            "refint": ["refint_attributes member manager owner", f'refint_nothing "cn=nobody,{self.suffix}"'],
            "unique": [f'unique_uri "ldap:///ou=people,{self.suffix}?uid?sub"'],
            "ppolicy": ["ppolicy_hash_cleartext"],
            "syncprov": ["syncprov-sessionlog 10000"],
        }
        return [f"overlay {name}", *options[name]]

    def _base_tree(self) -> str:
        kind, _, value = self.suffix.partition(",")[0].partition("=")
        classes = {
            "dc": f"objectClass: dcObject\nobjectClass: organization\no: {value}",
            "o": "objectClass: organization",
            "ou": "objectClass: organizationalUnit",
        }[kind.strip().lower()]
        units = "".join(
            f"dn: ou={unit},{self.suffix}\nobjectClass: organizationalUnit\nou: {unit}\n\n"
            for unit in ("people", "groups")
        )
        reader = (
            f"dn: {self.reader_dn}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\n"
            f"cn: reader\nuserPassword: {self.reader_password}\n\n"
        )
        return f"dn: {self.suffix}\n{classes}\n{kind.strip()}: {value.strip()}\n\n{units}{reader}"


def _run(command: Sequence[str | Path], text: str) -> None:
    done = subprocess.run(  # noqa: S603 (our own binaries and our own arguments)
        command, input=text.encode(), capture_output=True, check=False
    )
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip()[-500:]
        raise SystemUnavailable(f"{Path(command[0]).name} failed: {said}", remedy="see the message")


def _folder(candidates: Sequence[str]) -> Path | None:
    return next((Path(path) for path in candidates if Path(path).is_dir()), None)


def _free_ports() -> tuple[int, int]:
    with socket.socket() as first, socket.socket() as second:
        first.bind(("127.0.0.1", 0))
        second.bind(("127.0.0.1", 0))
        return first.getsockname()[1], second.getsockname()[1]


def _accepts(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def _serves(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(_BIND)
            return connection.recv(1) == b"\x30"
    except OSError:
        return False
