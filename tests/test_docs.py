"""What README.md and rules/README.md promise exists, and what exists is in them."""

import re
from pathlib import Path

import click
import pytest
from flask import Flask

from intake.cli import main
from intake.core.review import CaseStatus, status_of
from intake.packs import shapes
from intake.web import desk
from tests import statuses
from tests.desk_pages import PAGES, SHOWN_ELSEWHERE

ROOT = Path(__file__).resolve().parent.parent


def text_of(name):
    return (ROOT / name).read_text(encoding="utf-8")


def commands(command=main, path="intake"):
    """Walk the tree of commands down to those that do something."""
    if not isinstance(command, click.Group):
        yield path
        return
    within = click.Context(command)
    for name in command.list_commands(within):
        yield from commands(command.get_command(within, name), f"{path} {name}")


VARIABLES = sorted(set(re.findall(r'"(INTAKE_[A-Z_]+)"', text_of("intake/settings.py"))))
TARGETS = set(re.findall(r"^([a-z]+):", text_of("Makefile"), re.MULTILINE))
SHAPES = {
    name: shape
    for name, shape in vars(shapes).items()
    if isinstance(shape, type) and issubclass(shape, shapes.Shape) and shape is not shapes.Shape
}
KEYS = [(name, key) for name, shape in SHAPES.items() for key in shape.model_fields]


@pytest.mark.parametrize("command", list(commands()))
def test_every_command_is_in_the_readme(command):
    assert re.search(rf"{re.escape(command)}\b", text_of("README.md"))


def test_there_are_variables_to_look_for():
    assert {"INTAKE_DATA", "INTAKE_RULES", "INTAKE_PORT"} <= set(VARIABLES)


@pytest.mark.parametrize("variable", VARIABLES)
def test_every_environment_variable_is_in_the_readme(variable):
    assert re.search(rf"\b{variable}\b", text_of("README.md"))


def test_every_make_target_in_the_readme_exists():
    pattern = r"\bmake ([a-z]+)\b(?=[`\s]*(?:$|#|`))"
    named = set(re.findall(pattern, text_of("README.md"), re.MULTILINE))

    assert named
    assert named <= TARGETS


@pytest.mark.parametrize(("shape", "key"), KEYS, ids=[f"{s} {k}" for s, k in KEYS])
def test_every_key_of_a_rule_file_is_described(shape, key):
    assert re.search(rf"\b{key}\b", text_of("rules/README.md")), shape


def test_the_page_about_statuses_is_made_from_the_table():
    assert text_of("docs/statuses.md") == statuses.text(), "run 'make statuses'"


def test_every_combination_of_facts_has_a_status():
    found = {status_of(facts, statuses.TODAY) for facts in statuses.every_fact()}

    assert found == set(CaseStatus)


PICTURES = re.findall(r"!\[[^\]]+\]\(pictures/desk/([a-z-]+)\.png\)", text_of("docs/desk.md"))


def test_every_page_of_the_desk_has_its_picture_and_no_picture_is_left_over():
    kept = {path.stem for path in (ROOT / "docs/pictures/desk").glob("*")}

    assert [page.name for page in PAGES] == PICTURES
    assert kept == set(PICTURES)


def test_every_view_of_the_desk_that_shows_a_page_has_a_picture():
    app = Flask("desk")
    app.register_blueprint(desk.bp)
    shown = {
        rule.endpoint.removeprefix("desk.")
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("desk.") and "GET" in rule.methods
    }

    assert shown == {page.endpoint for page in PAGES} | SHOWN_ELSEWHERE
