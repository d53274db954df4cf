"""The wheel holds every file of the program, its templates and its rules, and nothing else."""

import importlib.util
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", "*.egg-info", ".*")
PLACES = {"intake": "intake", "templates": "intake/templates", "rules": "intake/rules"}


def can_build_here():
    """Tell whether what pyproject.toml asks for is installed, so that nothing must be fetched."""
    if not all(importlib.util.find_spec(name) for name in ("setuptools", "wheel")):
        return False
    return int(version("setuptools").split(".")[0]) >= 77


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A copy of the tree, so that building leaves nothing behind in it."""
    folder = tmp_path_factory.mktemp("tree")
    for name in PLACES:
        shutil.copytree(ROOT / name, folder / name, ignore=LEFT_OUT)
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def names(tree, tmp_path_factory):
    """The names of the files in the wheel."""
    out = tmp_path_factory.mktemp("wheel")
    isolation = ["--no-isolation"] if can_build_here() else []
    done = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", *isolation, "--outdir", out, tree],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = out.glob("*.whl")
    with zipfile.ZipFile(wheel) as opened:
        return {name for name in opened.namelist() if ".dist-info/" not in name}


@pytest.fixture(scope="module")
def on_disk(tree):
    """The files of the copied tree, under the names they must have in the wheel."""
    return {
        f"{place}/{path.relative_to(tree / folder).as_posix()}"
        for folder, place in PLACES.items()
        for path in (tree / folder).rglob("*")
        if path.is_file()
    }


def test_every_file_is_in_the_wheel(names, on_disk):
    assert on_disk - names == set()


def test_nothing_else_is_in_the_wheel(names, on_disk):
    assert names - on_disk == set()


@pytest.mark.parametrize("place", PLACES.values())
def test_no_part_is_empty(names, place):
    assert any(name.startswith(f"{place}/") for name in names)
