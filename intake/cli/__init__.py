"""The command line: exit 0 when done, 1 when a check failed, 2 for bad input."""

from __future__ import annotations

import logging
import sys
import time

import click

from intake import __version__
from intake.cli import (
    appointments,
    backups,
    clinic,
    documents,
    exchange,
    exporting,
    exporting_fhir,
    impact,
    kept,
    keys,
    medicines,
    moving,
    people,
    proving,
    records,
    replaying,
    restoring,
    retention,
    rules,
    screening,
    sites,
    systems,
    trail,
    translating,
    verify,
    writing,
)
from intake.core.errors import IntakeError, PackError
from intake.storage.driver import sqlite3

BAD_INPUT = 2


class _Teaching(click.Group):
    """Turns our own errors into one plain line (or one a problem) and exit code 2."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except PackError as error:
            for problem in error.problems:
                click.echo(problem, err=True)
            click.echo(proving.not_usable(error), err=True)
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


for command in (
    clinic.demo,
    clinic.serve,
    clinic.settings_command,
    people.accounts,
    people.tablets,
    sites.sites,
    systems.systems,
    verify.verify,
    backups.backup,
    backups.backups,
    keys.keys,
    restoring.restore,
    moving.move,
    retention.retention,
    retention.erase,
    records.records,
    exporting.export,
    records.figures,
    appointments.import_command,
    documents.document,
    documents.verify_document,
    trail.audit,
    rules.rules,
    screening.screen_command,
    replaying.replay_command,
    impact.impact_command,
    medicines.medicines,
):
    main.add_command(command)

people.accounts.add_command(sites.works_at)
exporting.export.add_command(exporting_fhir.fhir_command)

for command in (
    proving.check,
    proving.mutants,
    proving.boundaries,
    writing.new_vignette,
    translating.languages,
    translating.translate,
    kept.kept,
    kept.choices,
    kept.roll_back,
    kept.activate,
    exchange.export_rules,
    exchange.data_dictionary,
):
    rules.rules.add_command(command)
