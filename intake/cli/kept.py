"""Commands about the packs a clinic has kept: list, go back to one, put one in force."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from intake.actions import rule_packs
from intake.cli.surroundings import (
    COMMAND_LINE,
    PACK_FOLDER,
    choice_line,
    clinic_file_named,
    clinic_store,
    now,
    texts_in,
    today,
)
from intake.core.errors import NotFoundError
from intake.settings import read_settings

if TYPE_CHECKING:
    from intake.actions.rule_packs import PackHistory
    from intake.core.rules import RulePack
    from intake.storage import Store

SHORTEST_HASH = 8


@click.command("kept")
def kept() -> None:
    """List every pack this clinic has kept, and when each was put in force."""
    with clinic_store() as store:
        for one in rule_packs.list_packs(store, by=COMMAND_LINE):
            state = "in force" if one.is_in_force else ""
            click.echo(
                f"{one.kept.hash[:12]}  {one.kept.name} {one.kept.version:<10} {state}".rstrip()
            )
            for activation in one.activations:
                reason = f": {activation.reason}" if activation.reason else ""
                click.echo(f"    put in force {activation.at:%Y-%m-%d %H:%M} UTC{reason}")


@click.command("choices")
def choices() -> None:
    """List what the clinic chose for itself in the pack in force, and whether it counts today."""
    with clinic_store() as store:
        hash_ = rule_packs.hash_in_force(store)
        pack = rule_packs.kept_pack(store, hash_ or "", today())
    for choice in pack.choices:
        click.echo(choice_line(choice))
    click.echo(f"{pack.label}: {len(pack.choices)} chosen by the clinic", err=True)


@click.command("roll-back")
@click.argument("hash_", metavar="HASH")
@click.option("--reason", required=True, help="Why; it is written to the audit trail.")
def roll_back(hash_: str, reason: str) -> None:
    """Put an earlier pack in force again, by the beginning of its hash as 'kept' lists it."""
    with clinic_store() as store:
        found = _of_hash(store, hash_)
        pack = rule_packs.put_in_force(
            store,
            hash_=found.kept.hash,
            seen=rule_packs.hash_in_force(store) or "",
            reason=reason,
            by=COMMAND_LINE,
            today=today(),
            now=now(),
            despite_problems=True,
        )
    click.echo(f"{pack.label} is in force for new intakes.")


def _of_hash(store: Store, beginning: str) -> PackHistory:
    """Return the one kept pack whose hash begins so.

    Raises:
        NotFoundError: there is none, or the beginning does not tell which.
    """
    every = rule_packs.list_packs(store, by=COMMAND_LINE)
    found = [one for one in every if one.kept.hash.startswith(beginning)]
    if len(beginning) < SHORTEST_HASH or len(found) != 1:
        msg = (
            f"No kept pack is told by '{beginning}'. Give at least {SHORTEST_HASH} characters of a"
            " hash that 'intake rules kept' lists."
        )
        raise NotFoundError(msg)
    return found[0]


def kept_pack(beginning: str) -> RulePack:
    """Load the one kept pack whose hash begins so."""
    with clinic_store() as store:
        return rule_packs.kept_pack(store, _of_hash(store, beginning).kept.hash, today())


@click.command()
@click.argument("folder", required=False, type=PACK_FOLDER)
@click.option("--clinic", type=click.Path(exists=True, dir_okay=False), help="The clinic's file.")
@click.option("--without-choices", is_flag=True, help="Drop what the clinic chose in the browser.")
@click.option("--reason", default="", help="Why; it is written to the audit trail.")
def activate(folder: str | None, clinic: str | None, *, without_choices: bool, reason: str) -> None:
    """Put a pack in force for new intakes. A pack that cannot be used leaves the old one.

    What a clinic decided for itself (see rules/README.md) is laid over the pack and kept with it:
    the file of --clinic, or else the one named by INTAKE_CLINIC_FILE, or else what was chosen for
    the pack in force.
    """
    with clinic_file_named(clinic), clinic_store() as store:
        files = texts_in(folder, clinic)
        if not (clinic or read_settings().clinic_file or without_choices):
            files = rule_packs.with_choices_in_force(store, files)
        pack = rule_packs.activate(store, files, actor=COMMAND_LINE, now=now(), reason=reason)
    click.echo(f"{pack.label} is in force for new intakes.")
    for choice in pack.choices:
        click.echo(f"  {choice_line(choice)}")
