"""The command line: exit 0 when done, 1 when a check failed, 2 for bad input."""

from __future__ import annotations

import logging
import sys
import time
from importlib import import_module
from typing import Any

import click

from intake import __version__
from intake.core.errors import IntakeError, PackError
from intake.storage.driver import sqlite3

BAD_INPUT = 2

_COMMANDS = {
    "demo": "clinic.demo",
    "serve": "clinic.serve",
    "settings": "clinic.settings_command",
    "accounts": "people.accounts",
    "tablets": "people.tablets",
    "sites": "sites.sites",
    "systems": "systems.systems",
    "verify": "verify.verify",
    "backup": "backups.backup",
    "backups": "backups.backups",
    "keys": "keys.keys",
    "restore": "restoring.restore",
    "move": "moving.move",
    "retention": "retention.retention",
    "erase": "retention.erase",
    "records": "records.records",
    "export": "exporting.export",
    "figures": "records.figures",
    "import": "appointments.import_command",
    "document": "documents.document",
    "verify-document": "documents.verify_document",
    "audit": "trail.audit",
    "rules": "rules.rules",
    "screen": "screening.screen_command",
    "replay": "replaying.replay_command",
    "impact": "impact.impact_command",
    "medicines": "medicines.medicines",
}
"""Where each command stands, by its name; it is brought in when it is asked for, since all of them
together take longer than most of them need."""

_BELOW = {
    "accounts": ("sites.works_at",),
    "export": ("exporting_fhir.fhir_command",),
    "rules": (
        "proving.check",
        "proving.mutants",
        "proving.boundaries",
        "writing.new_vignette",
        "translating.languages",
        "translating.translate",
        "kept.kept",
        "kept.choices",
        "kept.roll_back",
        "kept.activate",
        "exchange.export_rules",
        "exchange.data_dictionary",
    ),
}
"""Commands below others that stand in modules of their own."""


class _Teaching(click.Group):
    """Turns our own errors into one plain line (or one a problem) and exit code 2."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in _COMMANDS and cmd_name not in self.commands:
            command = _brought_in(_COMMANDS[cmd_name])
            for place in _BELOW.get(cmd_name, ()):
                command.add_command(_brought_in(place))
            self.add_command(command)
        return super().get_command(ctx, cmd_name)

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except PackError as error:
            for problem in error.problems:
                click.echo(problem, err=True)
            click.echo(_brought_in("proving.not_usable")(error), err=True)
        except IntakeError as error:
            click.echo(str(error), err=True)
        except sqlite3.DatabaseError as error:
            click.echo(f"The database cannot be used: {error}. Run 'intake verify'.", err=True)
        except OSError as error:
            if error.filename is None:
                raise
            click.echo(f"{error.filename}: {error.strerror}.", err=True)
        sys.exit(BAD_INPUT)


@click.group(cls=_Teaching, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="intake")
def main() -> None:
    """Screen a health history before microneedling.

    The machine finds reasons to wait, to look, to ask. A named clinician decides.

    Settings come from the environment: INTAKE_DATA (the clinic's data folder), INTAKE_CLINIC_NAME,
    INTAKE_TIMEZONE, INTAKE_HOST, INTAKE_PORT, INTAKE_RULES (the pack a new clinic begins with),
    INTAKE_CLINIC_FILE (what the clinic decided for itself about the rules), INTAKE_IDLE_MINUTES
    (after how long a tablet nobody touches locks itself), INTAKE_BACKUPS (the folder of backups),
    INTAKE_DATABASE_URL (a PostgreSQL server that keeps the clinic instead of a file).

    \b
    Try it:       intake demo
    Real clinic:  INTAKE_DATA=/srv/clinic intake serve
    One patient:  intake screen answers.json
    The rules:    intake rules check
    """  # noqa: D301 - click takes the escape for "keep these lines as they are"
    logging.Formatter.converter = time.gmtime
    logging.basicConfig(
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        datefmt="%Y-%m-%dT%H:%M:%SZ",
    )


def _brought_in(place: str) -> Any:  # noqa: ANN401 - a command, or a group of them
    module, _, name = place.partition(".")
    return getattr(import_module(f"intake.cli.{module}"), name)
