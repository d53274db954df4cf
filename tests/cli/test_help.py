"""Every command and option says what it is for."""

import click
import pytest

from intake import __version__
from intake.cli import main


def commands(command=main, path=()):
    """Walk the tree of commands."""
    yield path, command
    if isinstance(command, click.Group):
        within = click.Context(command)
        for name in command.list_commands(within):
            yield from commands(command.get_command(within, name), (*path, name))


ALL = dict(commands())
OPTIONS = [
    (path, option)
    for path, command in ALL.items()
    for option in command.params
    if isinstance(option, click.Option)
]


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_command_has_help(run, path):
    result = run(*path, "--help")

    assert result.exit_code == 0
    assert result.stdout.startswith("Usage: ")
    assert ALL[path].help


@pytest.mark.parametrize(
    ("path", "option"), OPTIONS, ids=[f"{' '.join(path)} {o.opts[0]}" for path, o in OPTIONS]
)
def test_every_option_has_help(path, option):
    assert option.help


def test_the_short_option_helps_as_well(run):
    assert run("-h").stdout == run("--help").stdout


def test_the_version_is_printed(run):
    assert __version__ in run("--version").stdout


@pytest.mark.parametrize(
    "args", [["nonsense"], ["rules", "nonsense"], ["screen"], ["export", "xml"], ["demo", "--x"]]
)
def test_what_is_not_a_command_is_bad_input(run, args):
    assert run(*args).exit_code == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("INTAKE_TIMEZONE", "Mars/Base"),
        ("INTAKE_TIMEZONE", "../../etc/passwd"),
        ("INTAKE_PORT", "many"),
        ("INTAKE_PORT", "0"),
        ("INTAKE_PORT", "65536"),
        ("INTAKE_PORT", "²"),
    ],
)
def test_a_setting_that_cannot_be_used_is_said_in_one_line(run, name, value):
    result = run("rules", "check", **{name: value})

    assert result.exit_code == 2
    assert result.stderr.startswith(f"{name} is '{value}'; write a ")
    assert result.stderr.count("\n") == 1
