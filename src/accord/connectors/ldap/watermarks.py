"""The text of a watermark: the way it was taken, the scope it was taken in, and a mark per place. Pure."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from accord.connectors.ldap.settings import LdapSettings
from accord.model.errors import WatermarkLost


class Way(StrEnum):
    """How a directory tells what changed."""

    SYNCREPL = "syncrepl"
    USN = "usn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watermark:
    """Where reading changes continues: by `way`, in `scope` (a fingerprint), from these marks by place."""

    way: Way
    scope: str
    marks: Mapping[str, str]

    def to_text(self) -> str:
        """Return the watermark as text."""
        return json.dumps({"kind": self.way, "scope": self.scope, "marks": dict(self.marks)})


def watermark_in(text: str, *, way: Way, scope: str, place: str) -> Watermark:
    """Return the watermark in a text; raise WatermarkLost when it is of another way or scope, or no watermark."""
    try:
        found = json.loads(text)
        kind, given = found["kind"], found["scope"]
        marks = {str(k): str(v) for k, v in found["marks"].items()}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise lost("the watermark is not one of this connector", place) from error
    if kind != way:
        raise lost(f"the watermark is of kind {kind!r}, and the directory now tells changes by {way.value}", place)
    if given != scope:
        raise lost("containers, partitions, filters or the directory's address changed since the watermark", place)
    return Watermark(way=way, scope=scope, marks=marks)


def fingerprint(settings: LdapSettings, partitions: tuple[str, ...]) -> str:
    """Return what stands for everything that decides which entries are read."""
    objects = {name: [o.object_class[0], o.filter] for name, o in settings.objects.items()}
    containers = [c.model_dump(mode="json") for c in settings.containers]
    said = json.dumps([settings.url, settings.dialect, partitions, containers, objects], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def lost(message: str, place: str) -> WatermarkLost:
    """Return the error that only a full import heals."""
    return WatermarkLost(message, place=place, remedy="run a full import")
