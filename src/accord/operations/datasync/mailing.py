"""Mails of jobs, sent through the mail server that an identity store or data source of the job names."""

import ipaddress
import smtplib
import ssl
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email.message import EmailMessage

from accord.datasync.notices import Mail
from accord.datasync.providers import MailServer, Provider
from accord.model.errors import SystemUnavailable, UsageError

_TIMEOUT_S = 30.0
_REMEDY = "set SmtpServer and SmtpFrom on the identity store of the job's destination, or on its data source"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRoute:
    """A mail server with its password looked up."""

    server: MailServer
    password: str

    def __repr__(self) -> str:
        """Return everything but the password."""
        return f"MailRoute(server={self.server!r})"


def server_of(providers: Iterable[Provider]) -> MailServer:
    """Return the mail server that the first provider with one names; raise UsageError when none does."""
    found = next((provider.mail for provider in providers if provider.mail is not None), None)
    if found is None:
        raise UsageError("no mail server is known to this job", remedy=_REMEDY)
    return found


def send(route: MailRoute, mails: Sequence[Mail]) -> None:
    """Send mails over one connection; raise SystemUnavailable, or UsageError where a secret would travel open."""
    server = route.server
    if any(mail.is_secret for mail in mails) and server.security == "none" and not _is_here(server.host):
        raise UsageError(
            f"passwords are not mailed to {server.host} without TLS", remedy="set SmtpSecurity to starttls or tls"
        )
    try:
        with _connected(server) as connection:
            if server.user:
                connection.login(server.user, route.password)
            for mail in mails:
                connection.send_message(_message(server, mail), from_addr=server.sender, to_addrs=list(mail.recipients))
    except (OSError, smtplib.SMTPException) as error:
        raise SystemUnavailable(
            f"the mail server {server.host}:{server.port} did not take the mail: {_said(error)}", remedy=_REMEDY
        ) from error


def _connected(server: MailServer) -> smtplib.SMTP:
    context = ssl.create_default_context(cafile=server.ca_file or None)
    if server.security == "tls":
        return smtplib.SMTP_SSL(server.host, server.port, timeout=_TIMEOUT_S, context=context)
    connection = smtplib.SMTP(server.host, server.port, timeout=_TIMEOUT_S)
    if server.security == "starttls":
        connection.starttls(context=context)
    return connection


def _message(server: MailServer, mail: Mail) -> EmailMessage:
    message = EmailMessage()
    message["From"] = server.sender
    message["To"] = ", ".join(mail.recipients)
    message["Subject"] = " ".join(mail.subject.split())
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    return message


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return f"it refuses {', '.join(error.recipients)}"
    return type(error).__name__ if not str(error) else str(error)
