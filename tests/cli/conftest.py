"""A command line over a data folder of its own, and a demo clinic made once and copied."""

import shutil

import pytest
from click.testing import CliRunner

from intake.cli import main
from intake.cli.surroundings import prepare
from intake.settings import Settings
from tests.packs.builders import TINY, written


def invoke(data, *args, given=None, **environment):
    """Run a command as if typed; what it prints and its exit code are in the result."""
    env = {"INTAKE_DATA": str(data), "INTAKE_TIMEZONE": "Europe/Madrid", **environment}
    return CliRunner().invoke(main, [str(arg) for arg in args], input=given, env=env)


@pytest.fixture
def data(tmp_path):
    """A data folder that is not there yet."""
    return tmp_path / "data"


@pytest.fixture
def tiny(tmp_path):
    """The folder of the tiny pack."""
    return written(tmp_path / "tiny", TINY)


@pytest.fixture
def clinic(data, tiny):
    """The data folder of a clinic in which nothing was done yet."""
    prepare(Settings(data, tiny, "Clinic", None, "127.0.0.1", 8000))
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
    shutil.copytree(demo_made[0], data)
    return data
