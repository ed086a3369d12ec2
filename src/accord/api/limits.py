"""How often somebody may ask: as the server was started, or as its settings say since."""

import time
from dataclasses import dataclass

from accord.api.settings import Settings
from accord.app import Server
from accord.model.errors import AccordError
from accord.operations.administration.desk import Desk
from accord.operations.administration.service_settings import (
    RATE_ANONYMOUS,
    RATE_SIGNED_IN,
    RATES_ENABLED,
    value_of,
)

_LOOK_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Requests per minute; 0: no limit."""

    signed_in: int
    anonymous: int


class LimitsNow:
    """The limits that hold now, read again at most once a second. Threads may share it."""

    def __init__(self, server: Server, settings: Settings) -> None:
        self._server = server
        self._started = Limits(signed_in=settings.rate_signed_in, anonymous=settings.rate_anonymous)
        self._looked_s = 0.0
        self.limits = self._started

    def look(self) -> None:
        """Read them, unless that was done just now; where there is nothing to read, those of the start hold."""
        if time.monotonic() - self._looked_s < _LOOK_S:
            return
        self._looked_s = time.monotonic()
        try:
            with self._server.reading("limits") as context:
                if context.configured is not None and context.store.configurations.revision():
                    self.limits = self._set(Desk(context))
        except AccordError:
            # Out of reach, or not right: what held before goes on to hold.
            return

    def _set(self, desk: Desk) -> Limits:
        if value_of(desk, RATES_ENABLED) == "false":
            return Limits(signed_in=0, anonymous=0)
        signed_in, anonymous = value_of(desk, RATE_SIGNED_IN), value_of(desk, RATE_ANONYMOUS)
        return Limits(
            signed_in=int(signed_in) if signed_in else self._started.signed_in,
            anonymous=int(anonymous) if anonymous else self._started.anonymous,
        )
