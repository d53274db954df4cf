"""Where a clinic is kept, in a file or on a server, and how it is opened there."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlsplit

from intake.core.errors import StorageError
from intake.storage import copies, database
from intake.storage.arrivals import erased_in
from intake.storage.connections import BESIDE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from types import ModuleType

    from intake.storage.keys import Keys
    from intake.storage.store import Store


@dataclass(frozen=True, slots=True)
class Server:
    """A database on a PostgreSQL server.

    Attributes:
        url: How it is reached; it may hold a password, and is never shown.
    """

    url: str = field(repr=False)

    def __str__(self) -> str:
        """Name the computer and the database."""
        parts = urlsplit(self.url)
        computer = parts.netloc.rpartition("@")[2] or "this computer"
        return f"{parts.path.strip('/') or 'the database'} on {computer}"


Place: TypeAlias = Path | Server


def open_store(place: Place, keys: Keys) -> Store:
    """Open the clinic; never makes a new one in the place of one that is missing.

    Raises:
        StorageError: it is missing, cannot be reached, is not ours, or was written by a newer
            version.
    """
    if isinstance(place, Server):
        store: Store = _engine().open_on_server(place.url, keys)
        return store
    return database.open_store(place, keys)


def create(place: Place, keys: Keys) -> None:
    """Make a new, empty clinic.

    Raises:
        StorageError: there is something in that place; it is left as it is.
    """
    if isinstance(place, Server):
        _engine().create_on_server(place.url, keys)
    else:
        database.create(place, keys)


def bring_up_to_date(place: Place, keys: Keys) -> list[str]:
    """Apply the migrations that are still missing; returns their names.

    Raises:
        StorageError: as `open_store`, or it is not built as this program builds it.
    """
    with closing(open_store(place, keys)) as store:
        return store.migrate()


def require(place: Place) -> None:
    """See that there is a clinic, before its keys are asked for.

    Raises:
        StorageError: there is none.
    """
    if isinstance(place, Server):
        if not is_there(place):
            msg = f"There is no clinic in {place}. Make one with 'intake serve', or move one there."
            raise StorageError(msg)
    else:
        database.require(place)


def is_there(place: Place) -> bool:
    """Tell whether there is a clinic, or what is left of one.

    Raises:
        StorageError: the server does not answer.
    """
    if isinstance(place, Server):
        return bool(_engine().is_there(place.url))
    return place.exists()


def discard(place: Place) -> None:
    """Remove a clinic that was made just now and that nobody has used."""
    if isinstance(place, Server):
        _engine().discard_on_server(place.url)
    else:
        for suffix in ("", *BESIDE):
            place.with_name(place.name + suffix).unlink(missing_ok=True)


def replace(
    server: Server, source: Store, *, replacing: bool, now: datetime, before: Callable[[], None]
) -> str | None:
    """Put a proven copy in the place of the clinic on a server, see `replace_on_server` there.

    Raises:
        StorageError: there is a clinic and *replacing* is off, or the copy could not be written.
    """
    kept: str | None = _engine().replace_on_server(
        server.url, source, replacing=replacing, now=now, before=before
    )
    return kept


def erased_in_each(place: Place, keys: Keys) -> Iterator[tuple[str, dict[str, str] | None]]:
    """Yield what was erased in the clinic, if there is one, and in each that was set aside.

    Each with its name, as the kind of a record by its id, or as None where it cannot be read.
    """
    here = "The clinic that is here"
    if isinstance(place, Server):
        if is_there(place):
            yield here, _engine().erased_on_server(place.url, keys)
    elif place.exists():
        yield here, _erased(place, keys)
    yield from erased_in_set_aside(place, keys)


def erased_in_set_aside(place: Place, keys: Keys) -> Iterator[tuple[str, dict[str, str] | None]]:
    """Yield the same of each clinic that another took the place of, the newest first."""
    if isinstance(place, Server):
        for schema in _engine().kept_on_server(place.url):
            yield f"Schema {schema}", _engine().erased_on_server(place.url, keys, schema)
    else:
        for path in copies.kept_beside(place):
            yield path.name, _erased(path, keys)


def _erased(path: Path, keys: Keys) -> dict[str, str] | None:
    try:
        return erased_in(path, keys)
    except StorageError:
        return None


def _engine() -> ModuleType:
    """Return what speaks to servers; without one it is not needed, nor its driver.

    Raises:
        StorageError: the driver is not installed.
    """
    try:
        from intake.storage.postgres import clinics  # noqa: PLC0415 - it brings the driver along
    except ImportError as error:
        msg = (
            "INTAKE_DATABASE_URL names a server, and its driver is not installed:"
            " pip install 'intake[postgres]'"
        )
        raise StorageError(msg) from error
    return clinics
