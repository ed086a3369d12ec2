"""The wiring: picks the real store, the real connectors and the clock, and hands them to the operations."""

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from getpass import getuser
from pathlib import Path
from queue import Empty, LifoQueue
from typing import Self

from accord.config.folder import FOLDERS
from accord.config.load import Configuration, load
from accord.config.opening import SecretOf, looked_up
from accord.config.reading import ACCORD_FILE
from accord.connectors.authorities import trusting
from accord.connectors.registry import connector_kind
from accord.engine.room import room_from
from accord.model.errors import NotFound, UsageError
from accord.operations.administration.naming import settle_ids
from accord.runs.configured import Configured
from accord.runs.context import Context, OpenedSystem, OpenSystem
from accord.runs.passwords import NoDesk
from accord.runs.progress import Progress, Silent
from accord.store.opening import open_control, open_store
from accord.store.store import Store
from accord.store.vault import Vault

__all__ = [
    "Accord",
    "Context",
    "Places",
    "Server",
    "find_places",
    "load_configuration",
    "open_accord",
    "open_server",
    "opener",
]

DEFAULT_DATA = ".accord"


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where things are: the configuration folder, the data folder, the database URL when there is one."""

    config: Path
    data: Path
    url: str | None = None


def find_places(
    config: Path | None,
    data: Path | None,
    environ: Mapping[str, str] = os.environ,
    *,
    declared: Path | None = None,
) -> Places:
    """Return the places by argument, else environment (ACCORD_CONFIG, ACCORD_DATA, ACCORD_DATABASE_URL), else default.

    `declared` is the data folder that the configuration itself names.
    """
    folder = config or Path(environ.get("ACCORD_CONFIG", "."))
    given = data or (Path(environ["ACCORD_DATA"]) if environ.get("ACCORD_DATA") else None)
    return Places(
        config=folder,
        data=given or declared or folder / DEFAULT_DATA,
        url=environ.get("ACCORD_DATABASE_URL") or None,
    )


class Server:
    """An open store for many callers at once. Close it when done.

    Who reads borrows one of a pool of stores that are open for reading and never waits for a writer; `writing` is
    shared, and its callers take turns. Both see the configuration that is current when they begin. `queued` is set
    when work was queued here.
    """

    def __init__(self, accord: "Accord", *, is_stored: bool) -> None:
        self._accord = accord
        self._is_stored = is_stored
        self.queued = threading.Event()
        self._spare: LifoQueue[Store] = LifoQueue()
        self._readers: list[Store] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def configuration(self) -> Configuration:
        """Return the configuration that is current now."""
        with self.reading("server") as context:
            return self._current(context)

    @property
    def places(self) -> Places:
        """Return where data and configuration are."""
        return self._accord.places

    @contextmanager
    def reading(self, actor: str) -> Iterator[Context]:
        """Lend what operations take, for looking only."""
        store = self._borrow()
        try:
            yield self._informed(replace(self._accord.context, store=store, actor=actor))
        finally:
            self._spare.put(store)

    @contextmanager
    def writing(self, actor: str) -> Iterator[Context]:
        """Lend what operations take."""
        yield self._informed(replace(self._accord.context, actor=actor, queued=self.queued.set))

    def close(self) -> None:
        """Close all stores and let others write."""
        for store in self._readers:
            store.close()
        self._accord.close()

    def _informed(self, context: Context) -> Context:
        if not self._is_stored:
            return replace(context, configured=None)
        if (configuration := self._current(context)) is self._accord.configuration:
            return context
        secret_of = None if context.vault is None else context.vault.open
        return replace(
            context,
            rules=configuration.rules,
            open_system=opener(configuration, self.places.data, secret_of),
            passwords=_Desk(configuration, secret_of),
        )

    def _current(self, context: Context) -> Configuration:
        if not self._is_stored or context.configured is None:
            return self._accord.configuration
        return context.configured.of(context.store).configuration

    def _borrow(self) -> Store:
        try:
            return self._spare.get_nowait()
        except Empty:
            store = open_store(self.places.data, self.places.url, read_only=True)
            self._readers.append(store)
            return store


class Accord:
    """An open configuration with its store; close it when done. `context` is what runs take."""

    def __init__(self, configuration: Configuration, store: Store, context: Context, places: Places) -> None:
        self.configuration = configuration
        self.store = store
        self.context = context
        self.places = places

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the store and let others write."""
        self.store.close()


def open_accord(  # noqa: PLR0913 - each is one thing to wire
    config: Path | None = None,
    data: Path | None = None,
    *,
    url: str | None = None,
    actor: str | None = None,
    progress: Progress | None = None,
    read_only: bool = False,
) -> Accord:
    """Load the configuration, open the store, and wire them; raises ConfigErrors, DataFolderBusy, SystemUnavailable.

    Without a configuration folder, here or named, it is the configuration that the store keeps.
    """
    places = find_places(config, data)
    if is_kept_in_store(places, is_named=config is not None):
        configuration = None
    else:
        configuration = load_configuration(config)
        places = find_places(config, data, declared=configuration.data_folder)
    places = replace(places, url=url or places.url)
    opened = _opened(configuration, places, actor=actor, read_only=read_only)
    opened.context = replace(opened.context, progress=progress or Silent())
    return opened


def open_server(data: Path | None = None, url: str | None = None, *, config: Path | None = None) -> Server:
    """Open the store for many callers; raises ConfigErrors, DataFolderBusy, SystemUnavailable.

    Without a configuration folder it is the configuration that the store keeps.
    """
    if config is not None:
        return Server(open_accord(config, data, url=url, actor="server"), is_stored=False)
    places = find_places(Path(), data)
    opened = _opened(None, replace(places, url=url or places.url), actor="server")
    settle_ids(opened.context)
    return Server(opened, is_stored=True)


def open_asking(config: Path | None = None, data: Path | None = None) -> Accord:
    """Open the store to queue and cancel work, also beside a running server: only control tables can be written."""
    places = find_places(config, data)
    configuration = None
    if not is_kept_in_store(places, is_named=config is not None):
        configuration = load_configuration(config)
        places = find_places(config, data, declared=configuration.data_folder)
    try:
        return _wired(configuration, places, open_control(places.data, places.url), None)
    except (NotFound, UsageError):
        # There is none yet, or it is an older one.
        return _opened(configuration, places, actor=None)


def open_kept(data: Path | None = None, url: str | None = None, *, actor: str | None = None) -> Accord:
    """Open the store to change the configuration it keeps, whatever folder there is; also beside a running server."""
    places = find_places(Path(), data)
    places = replace(places, url=url or places.url)
    try:
        return _wired(None, places, open_control(places.data, places.url), actor)
    except (NotFound, UsageError):
        # There is none yet, or it is an older one.
        return _opened(None, places, actor=actor)


def is_kept_in_store(places: Places, *, is_named: bool) -> bool:
    """Tell whether there is no configuration folder, but a store to ask: a data folder, or a database URL."""
    has_folder = (
        is_named or (places.config / ACCORD_FILE).is_file() or any((places.config / k).is_dir() for k in FOLDERS)
    )
    return not has_folder and (places.url is not None or (places.data / "control.db").is_file())


def _opened(
    configuration: Configuration | None, places: Places, *, actor: str | None, read_only: bool = False
) -> Accord:
    return _wired(configuration, places, open_store(places.data, places.url, read_only=read_only), actor)


def _wired(configuration: Configuration | None, places: Places, store: Store, actor: str | None) -> Accord:
    room = room_from(os.environ, spill_folder=str(places.data / "spill"))
    configured = Configured(places.data.resolve(), kind_of=connector_kind)
    vault = Vault(store.control, key_file(places))
    current = configuration or configured.of(store).configuration
    context = Context(
        store=store,
        rules=current.rules,
        open_system=opener(current, places.data, vault.open),
        actor=actor or os.environ.get("ACCORD_ACTOR") or getuser(),
        memory_limit=room.memory_limit, threads=room.threads, spill_folder=room.spill_folder,
        data_folder=str(places.data),
        database_url=places.url,
        passwords=_Desk(current, vault.open),
        configured=configured,
        vault=vault,
    )  # fmt: skip
    return Accord(current, store, context, places)


def key_file(places: Places, environ: Mapping[str, str] = os.environ) -> Path:
    """Return where the key is that opens the secrets of the store."""
    return Path(environ["ACCORD_KEY_FILE"]) if environ.get("ACCORD_KEY_FILE") else places.data / "secret.key"


def load_configuration(config: Path | None = None) -> Configuration:
    """Load the configuration with the connectors there are."""
    return load(find_places(config, None).config, kind_of=connector_kind)


class _Desk(NoDesk):
    """Looks secrets up where the configuration's references point."""

    def __init__(self, configuration: Configuration, secret_of: SecretOf | None) -> None:
        self._folder = configuration.folder
        self._secret_of = secret_of

    def look_up(self, reference: str) -> str:
        return looked_up(reference, self._folder, environ=os.environ, place="password", secret_of=self._secret_of)


def opener(configuration: Configuration, data: Path, secret_of: SecretOf | None = None) -> OpenSystem:
    """Return how to open a connected system by name: its connector with its settings, secrets looked up now."""

    def open_system(name: str, file: str | None = None) -> OpenedSystem:
        kind = connector_kind(configuration.rules.systems[name].connector)
        settings = configuration.open_settings(name, secret_of=secret_of, file=file)
        trusted = trusting(kind, settings, configuration.files.accord.authorities, data)
        return OpenedSystem(connector=kind.open(trusted), capabilities=kind.capabilities)

    return open_system
