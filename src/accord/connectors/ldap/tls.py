"""Why a TLS connection failed, in words: the LDAP library only says that it did.

Makes one handshake with the standard library against the same authorities. Certificates are verified here too.
"""

import socket
import ssl

# The StartTLS extended request (RFC 4511 section 4.14), message 1.
_START_TLS = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037"


def certificate_problem(
    address: tuple[str, int], *, ca_file: str | None, uses_start_tls: bool, timeout_s: float
) -> str | None:
    """Return what is wrong with the server's certificate, None when that is not what is wrong."""
    context = ssl.create_default_context(cafile=ca_file)
    try:
        with socket.create_connection(address, timeout=timeout_s) as plain:
            if uses_start_tls:
                plain.sendall(_START_TLS)
                plain.recv(4096)
            with context.wrap_socket(plain, server_hostname=address[0]):
                return None
    except ssl.SSLCertVerificationError as error:
        return error.verify_message
    except (OSError, ValueError):
        return None
