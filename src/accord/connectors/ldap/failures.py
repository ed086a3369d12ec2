"""Failures of a whole connection or search as errors that say who must act."""

from accord.connectors.ldap.results import LIMITS, NO_SUCH_OBJECT, cause_of
from accord.connectors.ldap.settings import LdapSettings
from accord.connectors.ldap.tls import certificate_problem
from accord.model.errors import IncompleteRead, SystemRefused, SystemUnavailable, WatermarkLost

# libldap's own codes: the server is down, no answer in time, the connection failed.
_SERVER_DOWN = -1
_TIMEOUT = -5
_CONNECT_ERROR = -11
# Answers to a cookie of content synchronisation: it is malformed, from the future, or too old (RFC 4533 section 2.4).
_COOKIE_REFUSED = (2, 53, 4096)


def is_lost(code: int) -> bool:
    """Tell whether a result code means that the connection is of no more use."""
    return code in (_SERVER_DOWN, _TIMEOUT, _CONNECT_ERROR)


def request_failure(code: int, said: str, what: str, settings: LdapSettings) -> SystemUnavailable | SystemRefused:
    """Return the error for a request about `what` that ended with `code`; `said` is the server's message."""
    place = settings.url
    if code in LIMITS:
        return _incomplete(LIMITS[code], what, place)
    if code == _TIMEOUT:
        return SystemUnavailable(
            f"the directory did not answer within {settings.operation_timeout_s:g} s",
            place=place,
            remedy="try again, or raise operation_timeout_s",
        )
    if is_lost(code):
        # The library leaves the message of an earlier request here, so it is not shown.
        return SystemUnavailable(
            "the connection to the directory was lost", place=place, remedy="try again when it is up"
        )
    if code == NO_SUCH_OBJECT:
        return SystemRefused(
            f"there is no entry {what!r}, or the account may not see it",
            place=place,
            remedy="correct the dn in containers or partitions, or give the bind account read access",
        )
    cause = cause_of(code)
    message = f"{what or 'the request'}: {cause.meaning} ({said or f'result code {code}'})"
    return _error(message, settings, remedy=cause.remedy, is_passing=cause.is_retryable)


def refresh_failure(
    code: int, said: str, what: str, settings: LdapSettings
) -> SystemUnavailable | SystemRefused | WatermarkLost:
    """Return the error for a content synchronisation that ended with `code`."""
    if code in _COOKIE_REFUSED:
        return WatermarkLost(
            f"the directory does not take the watermark ({said or f'result code {code}'})",
            place=settings.url,
            remedy="run a full import",
        )
    return request_failure(code, said, what, settings)


def connect_failure(
    code: int, said: str, settings: LdapSettings, ca_file: str | None
) -> SystemUnavailable | SystemRefused:
    """Return the error for a connection or sign-in that ended with `code`; looks at the certificate again."""
    if is_lost(code):
        return _unreachable(settings, ca_file)
    cause = cause_of(code)
    who = f"as {settings.bind_dn}" if settings.bind_dn else "anonymously"
    detail = f" ({said})" if said else ""
    message = f"the directory did not let us in {who}: {cause.meaning}{detail}"
    return _error(message, settings, remedy=cause.remedy, is_passing=cause.is_retryable)


def _unreachable(settings: LdapSettings, ca_file: str | None) -> SystemUnavailable | SystemRefused:
    problem = None
    if settings.is_encrypted:
        problem = certificate_problem(
            settings.host_and_port,
            ca_file=ca_file,
            uses_start_tls=settings.uses_start_tls,
            timeout_s=settings.connect_timeout_s,
        )
    if problem:
        return SystemRefused(
            f"the server's certificate is not trusted: {problem}",
            place=settings.url,
            remedy="set ca_file to the certificate (PEM) of the authority that issued it, and use a host name "
            "that it names",
        )
    return SystemUnavailable(
        "the directory does not answer",
        place=settings.url,
        remedy="check host, port and firewall, and that it runs",
    )


def _incomplete(limit: str, base: str, place: str) -> IncompleteRead:
    return IncompleteRead(
        f"the directory stopped at its {limit} before all of {base} was read",
        place=place,
        remedy='raise the limit for the bind account (OpenLDAP: `limits dn.exact="..." size=unlimited '
        "time=unlimited`; Active Directory: the LDAP query policy), or read smaller containers",
    )


def _error(message: str, settings: LdapSettings, *, remedy: str, is_passing: bool) -> SystemUnavailable | SystemRefused:
    if is_passing:
        return SystemUnavailable(message, place=settings.url, remedy=remedy)
    return SystemRefused(message, place=settings.url, remedy=remedy)
