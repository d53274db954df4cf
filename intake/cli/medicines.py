"""The command that shows what a patient's words for a medicine are taken for, and why."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, assert_never

import click

from intake.cli.screening import BadInputError
from intake.cli.surroundings import FORMAT, PACK_FOLDER, pack_in
from intake.core.answers import MAX_TEXT
from intake.core.medicines import How, MedicineEntry, Route
from intake.core.truth import Truth
from intake.packs.reading import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from intake.core.medicines import Match, Medicine, Recognition
    from intake.core.rules import RulePack

TAKEN: Mapping[Route | None, str] = {
    None: "how it is taken not said",
    Route.MOUTH: "by mouth",
    Route.SKIN: "on the skin",
    Route.INJECTION: "by injection",
    Route.INHALED: "breathed in",
    Route.NASAL: "in the nose",
    Route.EYE: "in the eye",
}
"""How a medicine is taken, in words."""


@click.command()
@click.argument("words", nargs=-1, required=True)
@click.option(
    "--route", type=click.Choice([route.value for route in Route]), help="How the patient takes it."
)
@click.option("--pack", "folder", type=PACK_FOLDER, help="Folder of the pack.")
@FORMAT
def medicines(words: tuple[str, ...], route: str | None, folder: str | None, form: str) -> None:
    """Show what the list of medicines makes of a patient's words, and why.

    WORDS are what the patient typed in one row: intake medicines "cumadin 5 mg, not on aspirin"
    """
    if not " ".join(words).strip():
        msg = 'Write the words to look at, in quotes: intake medicines "cumadin 5 mg"'
        raise BadInputError(msg)
    if len(" ".join(words)) > MAX_TEXT:
        msg = f"Shorten this to {MAX_TEXT} characters; it stands for one row of a list."
        raise BadInputError(msg)
    pack = pack_in(folder)
    entry = MedicineEntry(" ".join(words), route=Route(route) if route else None)
    found = pack.vocabulary.recognise(entry)
    click.echo(
        "\n".join(_in_words(found, entry, pack)) if form == "text" else _as_json(found, pack)
    )


def _in_words(found: Recognition, entry: MedicineEntry, pack: RulePack) -> Iterator[str]:
    yield f"Words: {printable(found.entry.name)}"
    if entry.route is not None and found.entry.route is None:
        yield (
            f"  Taken {TAKEN[entry.route]}: the words name several medicines or another form, so"
            " this is not held to be certain."
        )
    for match in found.matches:
        yield ""
        yield match.medicine.name
        yield f"  Why        {_why(match)}"
        if match.doubt:
            yield f'  In doubt   "{printable(match.doubt)}" leaves open whether it is taken. Ask.'
        heading = "If it is" if match.how is How.SIMILAR else "Counts as"
        yield from _counts_as(match.medicine, found.entry.route, pack, heading)
    yield ""
    yield from _not_understood(found)
    yield from _ruled_in(found, pack)


def _why(match: Match) -> str:
    name = match.medicine.name
    said, known_as = printable(match.words), match.known_as
    match match.how:
        case How.NAME if known_as == name:
            return f'"{said}" is its name.'
        case How.NAME:
            return f'"{said}" is known as {known_as}, a name or brand of it.'
        case How.MISSPELLING:
            return f'"{said}" is a listed misspelling of {name}.'
        case How.SIMILAR:
            return f'"{said}" is spelled much like {known_as}. Ask which medicine it is.'
        case How.PURPOSE:
            return f'"{said}" says what a medicine is for.'
        case _:
            assert_never(match.how)


def _counts_as(
    medicine: Medicine, said: Route | None, pack: RulePack, heading: str
) -> Iterator[str]:
    """Say what it counts as for the route that was said; for every route when none was."""
    by_route = dict.fromkeys((*(medicine.by_route or ()), *(medicine.maybe_by_route or ())))
    routes: tuple[Route | None, ...] = (said,) if said or not by_route else (None, *by_route)
    for route in routes:
        classes = _titles(medicine.classes_by(route), pack) or "no class; no rule is about it"
        how = f"{TAKEN[route]}: " if said or by_route else ""
        yield f"  {heading:<10} {how}{classes}"
        if maybe := _titles(medicine.maybe_by(route), pack):
            yield f"  {'':<10} it may also be, and only asking tells: {maybe}"
        heading = ""


def _titles(classes: frozenset[str], pack: RulePack) -> str:
    every = pack.vocabulary.classes
    if classes == frozenset(every):
        return "any class"
    return "; ".join(title for name, title in every.items() if name in classes)


def _not_understood(found: Recognition) -> Iterator[str]:
    if found.rest:
        words = ", ".join(f'"{printable(word)}"' for word in found.rest)
        yield f"Not understood: {words}."
    if not found.matches:
        yield "No medicine was found in these words. Ask which one it is."
    if found.doubt and not found.matches:
        yield f'"{printable(found.doubt)}" rules nothing out.'


def _ruled_in(found: Recognition, pack: RulePack) -> Iterator[str]:
    truths = {name: found.of_class(name) for name in pack.vocabulary.classes}
    met = frozenset(name for name, truth in truths.items() if truth is Truth.MET)
    unknown = frozenset(name for name, truth in truths.items() if truth is Truth.UNKNOWN)
    yield f"For certain: {_titles(met, pack) or 'no class of medicine'}."
    if not found.is_understood:
        yield "No class of medicine can be ruled out."
    elif unknown:
        yield f"Cannot be ruled out: {_titles(unknown, pack)}."
    else:
        yield "Every other class of medicine is ruled out."


def _as_json(found: Recognition, pack: RulePack) -> str:
    classes = {name: found.of_class(name) for name in pack.vocabulary.classes}
    shown = {
        "words": found.entry.name,
        "matches": [
            {
                "medicine": match.medicine.name,
                "matched": match.words,
                "known_as": match.known_as,
                "how": match.how,
                "classes": sorted(match.medicine.classes_by(found.entry.route)),
            }
            for match in found.matches
        ],
        "understood": found.is_understood,
        "not_understood": list(found.rest),
        "doubt": found.doubt,
        "classes": {
            "met": [name for name, truth in classes.items() if truth is Truth.MET],
            "unknown": [name for name, truth in classes.items() if truth is Truth.UNKNOWN],
        },
    }
    return json.dumps(shown, indent=2, ensure_ascii=False)
