"""Whom the configuration trusts: certificates of authorities, in accord.yaml."""

import ssl
from typing import Annotated

from pydantic import AfterValidator, Field

from accord.config.parts import Label, Part, Text


def _certificate(pem: str) -> str:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=pem)
    except (ssl.SSLError, ValueError) as error:
        raise ValueError("this is no certificate: give one, from BEGIN to END CERTIFICATE") from error
    return pem


class CertificatePart(Part):
    """An authority that is trusted beside those of the machine, where a system names none of its own (`ca_file`)."""

    name: Label = Field(description="What people call it.")
    pem: Annotated[str, AfterValidator(_certificate)] = Field(description="The certificate itself, as PEM.")
    enabled: bool = Field(default=True, description="Whether it is trusted.")
    notes: Text = Field(default="", description="A note for people.")
