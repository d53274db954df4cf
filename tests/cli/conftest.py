"""A command line over a data folder of its own, and a demo clinic made once and copied."""

import shutil
from contextlib import closing

import pytest
from click.testing import CliRunner

from intake.cli import main
from intake.cli.surroundings import open_clinic, prepare
from intake.settings import read_settings
from intake.storage.database import APPLICATION_ID
from intake.storage.driver import Database, sqlite3
from intake.storage.later_migrations import MIGRATION_NAMES
from intake.storage.migrations import MIGRATIONS
from tests.packs.builders import TINY, written


def invoke(data, *args, given=None, **environment):
    """Run a command as if typed; what it prints and its exit code are in the result."""
    env = {"INTAKE_DATA": str(data), "INTAKE_TIMEZONE": "Europe/Madrid", **environment}
    return CliRunner().invoke(main, [str(arg) for arg in args], input=given, env=env)


def opened(data):
    """Open the clinic in a data folder, with the keys beside it."""
    return open_clinic(read_settings({"INTAKE_DATA": str(data)}))


def keys_beside(data):
    """Name the folder of the keys that are beside a data folder."""
    return str(data.with_name(f"{data.name}-keys"))


def unsealed(path):
    """Make a plain clinic of a version that had no seals yet."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        late = {name for name in MIGRATION_NAMES if name >= "m010"}
        MIGRATIONS.apply(Database(connection, execute_plugins=False), stop_before=late)
    return path


@pytest.fixture
def data(tmp_path):
    """A data folder that is not there yet."""
    return tmp_path / "data"


@pytest.fixture
def tiny(tmp_path):
    """The folder of the tiny pack."""
    return written(tmp_path / "tiny", TINY)


@pytest.fixture
def settle(data, tiny):
    """Make a clinic in the data folder, as the first start does; returns what it says."""

    def settle(**environment):
        given = {"INTAKE_DATA": str(data), "INTAKE_RULES": str(tiny), **environment}
        return prepare(read_settings(given))

    return settle


@pytest.fixture
def clinic(data, settle):
    """The data folder of a clinic in which nothing was done yet."""
    settle()
    return data


@pytest.fixture
def run(data, tiny):
    """Run a command over the data folder, with the tiny pack."""
    return lambda *args, given=None, **env: invoke(
        data, *args, given=given, **{"INTAKE_RULES": str(tiny), **env}
    )


@pytest.fixture
def run_shipped(data):
    """Run a command over the data folder, with the shipped pack."""
    return lambda *args, given=None, **env: invoke(data, *args, given=given, **env)


@pytest.fixture(scope="session")
def demo_made(tmp_path_factory):
    """A demo clinic, made once; with it what was printed on the way."""
    folder = tmp_path_factory.mktemp("demo") / "data"
    return folder, invoke(folder, "demo", "--no-serve")


@pytest.fixture
def demo(demo_made, data):
    """The data folder, holding a copy of the demo clinic."""
    for end in ("", "-keys"):
        shutil.copytree(f"{demo_made[0]}{end}", f"{data}{end}")
    return data


@pytest.fixture
def response_id(demo):
    """The most serious case of the demo."""
    return invoke(demo, "records", "list").output.split()[0]
