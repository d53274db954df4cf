"""What tests on every floor share: the shipped pack, a real database, three people, a clock."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from sqlite3.dump import _iterdump  # works with every driver, and SQLCipher's brings none

import pytest
from argon2 import PasswordHasher
from hypothesis import settings as hypothesis_settings

from intake import packs
from intake.actions import accounts, passwords, rule_packs
from intake.actions.tries import NOWHERE
from intake.core.records import Practitioner, Role
from intake.keys import DATABASE, TRAIL, write_key
from intake.resources import folder
from intake.settings import Settings
from intake.storage import Keys, Store, database, open_store
from intake.storage.connections import connect_bare
from intake.storage.copies import copy_to
from intake.storage.database import SqliteStore
from intake.web import create_app
from tests.postgres import CLINICS
from tests.quickest_disk import quickest_disk
from tests.waiting import pytest_runtest_setup, pytest_runtest_teardown  # noqa: F401 - hooks of all

NOW = datetime(2026, 6, 15, 9, 30, tzinfo=UTC)
TODAY = date(2026, 6, 15)
KEYS = Keys(database=bytes(range(32)), trail=bytes(range(32, 64)))
"""Of every clinic of the tests that was not made by the command line."""

SHIPPED_HASHER, SHIPPED_NOBODY = passwords.HASHER, passwords.NOBODY
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Cheap, because nearly every test signs somebody in."""

hypothesis_settings.register_profile("ci", derandomize=True, deadline=None)
hypothesis_settings.register_profile("here", deadline=None)
hypothesis_settings.load_profile("ci" if os.environ.get("CI") else "here")


if folder_in_memory := quickest_disk():
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", folder_in_memory)


def _built_once() -> None:
    """Build each pack once in a process: it never changes, and the shipped one takes half a second.

    What has faults is built anew each time.
    """
    build = packs._build
    known = lru_cache(maxsize=32)(lambda texts, faults, on: build(dict(texts), list(faults), on))
    packs._build = lambda texts, faults, on: known(tuple(texts.items()), tuple(faults), on)


_built_once()


LONG = ("judges/", "load/", "browser/", "web/test_api_described.py")
"""Where a test takes seconds: these come first, so that many small ones fill the end."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Begin with what takes long: a core that waits for the last of them is a core that rests."""
    root = Path(__file__).parent
    items.sort(key=lambda item: not str(item.path.relative_to(root)).startswith(LONG))


@dataclass
class Clock:
    """A clock that stands still until it is set."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at


def with_keys(settings: Settings) -> Settings:
    """Put the keys where these settings say that they are."""
    settings.key_folder.mkdir(parents=True, mode=0o700)
    write_key(settings.key_folder / DATABASE, KEYS.database)
    write_key(settings.key_folder / TRAIL, KEYS.trail)
    return settings


def raw(path, keys=KEYS):
    """Open a file past everything that guards it; nothing waits for a commit."""
    return connect_bare(path, keys.database)


def dumped(store) -> str:
    """Return a whole database as text: in a file as SQL."""
    if isinstance(store, SqliteStore):
        return "\n".join(_iterdump(store.connection))
    rows = (row for table in store.tables() for row in store.rows(f"SELECT * FROM {table}"))  # noqa: S608
    return "\n".join(map(repr, rows))


@dataclass(frozen=True)
class People:
    """The three people every door is tried with, and their one-time passwords."""

    ada: Practitioner
    ben: Practitioner
    cleo: Practitioner
    passwords: dict[str, str]


@pytest.fixture(scope="session", autouse=True)
def quick_hashes():
    passwords.HASHER, passwords.NOBODY = QUICK, QUICK.hash("of nobody")
    yield
    passwords.HASHER, passwords.NOBODY = SHIPPED_HASHER, SHIPPED_NOBODY


@pytest.fixture
def shipped_hashes(monkeypatch):
    """What a clinic spends on a hash, for a test that measures it."""
    monkeypatch.setattr(passwords, "HASHER", SHIPPED_HASHER)
    monkeypatch.setattr(passwords, "NOBODY", SHIPPED_NOBODY)


@pytest.fixture(scope="session")
def shipped_files():
    return packs.texts_of(folder("rules") / "microneedling")


@pytest.fixture(scope="session")
def shipped_pack(shipped_files):
    return packs.load_texts(shipped_files, TODAY)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture(scope="session")
def empty_bytes(tmp_path_factory):
    """A clinic in which nothing was done yet, as the bytes of its file."""
    path = tmp_path_factory.mktemp("empty") / "clinic.db"
    database.create(path, KEYS)
    copy = path.with_name("copy.db")
    with closing(open_store(path, KEYS)) as store:
        copy_to(store, copy)
    return copy.read_bytes()


@pytest.fixture(scope="session")
def clinic_template(tmp_path_factory, shipped_files):
    """A clinic with the shipped rules in force and three accounts, made once and copied."""
    path = tmp_path_factory.mktemp("template") / "clinic.db"
    database.create(path, KEYS)
    store = open_store(path, KEYS)
    rule_packs.activate(store, shipped_files, actor="test", now=NOW)
    passwords = {}
    for username, name, role in (
        ("ada", "Ada Practitioner", Role.PRACTITIONER),
        ("ben", "Ben Dermatologist", Role.DERMATOLOGIST),
        ("cleo", "Cleo Administrator", Role.ADMINISTRATOR),
    ):
        _, passwords[username] = accounts.add_account(
            store, username=username, name=name, role=role, actor="test", now=NOW
        )
    copy = path.with_name("copy.db")
    copy_to(store, copy)
    store.close()
    return copy, passwords


ENGINES = ("sqlite", "postgres")


def pytest_addoption(parser):
    parser.addoption(
        "--engine",
        choices=ENGINES,
        help="Keep the clinics of all tests that can be kept anywhere on this engine.",
    )


ON_BOTH = ("storage/", "actions/", "web/test_cards.py", "web/test_walls.py")
"""Where tests run on both engines, unless one was chosen: what reaches every statement."""


def pytest_generate_tests(metafunc):
    """Run what does not look into files on both engines."""
    if "engine" not in metafunc.fixturenames:
        return
    path = metafunc.definition.path.relative_to(Path(__file__).parent).as_posix()
    is_of_files = "path" in metafunc.fixturenames or metafunc.definition.get_closest_marker(
        "of_files"
    )
    chosen = metafunc.config.getoption("--engine")
    both = ENGINES if path.startswith(ON_BOTH) else ENGINES[:1]
    names = ENGINES[:1] if is_of_files else [chosen] if chosen else both
    if metafunc.definition.get_closest_marker("of_servers"):
        names = ENGINES[1:]
    metafunc.parametrize("engine", names, indirect=True)


@pytest.fixture
def engine(request):
    """What keeps the clinics of this test: SQLite's files, or a server."""
    return getattr(request, "param", ENGINES[0])


@pytest.fixture
def put_clinic(engine):
    """Put a clinic, as the bytes of a database file, where the engine keeps one."""
    made = []

    def put_clinic(file, content):
        if engine == "sqlite":
            file.write_bytes(content)
            return file
        made.append(CLINICS.new(content, KEYS))
        return made[-1]

    yield put_clinic
    for place in made:
        CLINICS.drop(place)


@pytest.fixture
def settings(tmp_path, clinic_template, put_clinic):
    """The settings of a clinic of one's own."""
    data = tmp_path / "clinic"
    data.mkdir()
    place = put_clinic(data / "clinic.db", clinic_template[0].read_bytes())
    return with_keys(
        Settings(
            data=data,
            rules=folder("rules") / "microneedling",
            clinic_file=None,
            clinic_name="Test clinic",
            timezone=None,
            host="127.0.0.1",
            port=8000,
            second_factor=False,
            server=None if place == data / "clinic.db" else place,
        )
    )


@pytest.fixture
def store(settings):
    """The open database of that clinic."""
    opened = open_store(settings.place, KEYS)
    yield opened
    opened.close()


def session_of(store: Store, who: Practitioner, now: datetime = NOW) -> str:
    """Open a session for somebody; returns its token."""
    return accounts.open_session(store, who, origin=NOWHERE, now=now)


@pytest.fixture
def people(store: Store, clinic_template) -> People:
    """Ada the practitioner, Ben the dermatologist, Cleo the administrator."""
    known = {who.username: who for who in accounts.list_accounts(store)}
    return People(known["ada"], known["ben"], known["cleo"], clinic_template[1])


@pytest.fixture
def pack(shipped_pack):
    """The shipped pack, which is the one in force."""
    return shipped_pack


@pytest.fixture
def vignettes(shipped_pack):
    """The shipped vignettes by id."""
    return {vignette.id: vignette for vignette in shipped_pack.vignettes}


@pytest.fixture
def app(settings, clock):
    application = create_app(settings, clock)
    application.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    return application


@pytest.fixture
def client(app):
    return app.test_client()


ROOT = Path(__file__).resolve().parent.parent
