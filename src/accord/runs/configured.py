"""The configuration that a store keeps, loaded: read again when another revision is there."""

from pathlib import Path
from threading import Lock

from accord.config.kinds import KindOf
from accord.config.stored import Stored, load_stored
from accord.store.configurations import Documents
from accord.store.store import Store


class Configured:
    """Loads what a store keeps, once per revision. Threads may share it. Relative paths begin at `base`."""

    def __init__(self, base: Path, *, kind_of: KindOf) -> None:
        self.base = base
        self.kind_of = kind_of
        self._lock = Lock()
        self._revision = -1
        self._stored: Stored | None = None

    def of(self, store: Store) -> Stored:
        """Return the configuration of the present revision; raises ConfigErrors when accord.yaml is wrong."""
        revision = store.configurations.revision()
        with self._lock:
            if self._stored is None or revision != self._revision:
                documents = store.configurations.read()
                self._stored, self._revision = self.load(documents), documents.revision
            return self._stored

    def keep(self, revision: int, stored: Stored) -> None:
        """Take what was loaded already for a revision that has just been made."""
        with self._lock:
            self._stored, self._revision = stored, revision

    def load(self, documents: Documents) -> Stored:
        """Return the configuration of any files."""
        return load_stored(documents.files, self.base, kind_of=self.kind_of)
