"""The nine points that are checked about a pack without a patient.

The points are those of docs/decisions.md, "What is proved about a pack". The first, the shape of
the files, is the loader's: a pack that can be looked at here has passed it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.core.answers import Missing
from intake.core.coverage import coverage_of, unknown_topics
from intake.core.errors import near
from intake.core.evidence import Basis
from intake.core.examined import Check, Examined, Found, Problem, Result
from intake.core.proving.boundaries import outcome_on
from intake.core.proving.guidance import unheard
from intake.core.proving.proofs import shadowed
from intake.core.proving.use import never_asked, unused_answers, unused_names, unused_questions
from intake.core.reading import case_of, read_all
from intake.core.truth import Truth
from intake.core.vignettes import run_vignette
from intake.core.wording import reading_level, translations, words_for_patients

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from intake.core.rules import RulePack

WRITTEN_SCORE = 0.75
"""Share of the mutants that the vignettes people wrote must notice."""

GENERATED = "generated-cases.jsonl:1"
"""Where the generated cases stand; 'intake rules boundaries --write' writes them anew."""

WHOLE_SCORE = 0.95
"""Share that they must notice together with the generated ones."""


def results_of(examined: Examined) -> Iterator[Result]:
    """Run every check, yielding each result as soon as it is there."""
    for check in CHECKS:
        yield result_of(check, examined)


def result_of(check: Check, examined: Examined) -> Result:
    """Run one check."""
    found = (Problem(check.name, place, words) for place, words in check.find(examined))
    return Result(check, tuple(found))


def _unmet(examined: Examined) -> Iterator[Found]:
    for proof in examined.proofs:
        if not proof.cases:
            yield Found(
                examined.where(proof),
                f"'{proof.rule_id}' depends on too many questions; divide it",
            )
        elif proof.met is None:
            yield Found(
                examined.where(proof),
                f"the rule '{proof.rule_id}' can never be met: its parts contradict each other, or"
                " a question it needs is not asked when it would count",
            )
        elif proof.not_met is None:
            yield Found(
                examined.where(proof),
                f"the rule '{proof.rule_id}' can never be ruled out: it says nothing about anybody",
            )


def _at_odds(examined: Examined) -> Iterator[Found]:
    for proof in examined.proofs:
        if proof.at_odds is not None:
            yield Found(examined.where(proof), f"table and screening disagree on '{proof.rule_id}'")


def _shadowed(examined: Examined) -> Iterator[Found]:
    for hidden, other in shadowed(examined.pack.rules, examined.cells):
        yield Found(
            hidden.where,
            f"'{hidden.id}' is met only where '{other.id}' ({other.level}) is met too; take it out"
            " or widen it",
        )


def _unused_questions(examined: Examined) -> Iterator[Found]:
    for link_id in unused_questions(examined.pack):
        yield Found(
            examined.pack.places[link_id],
            f"no rule uses '{link_id}'; use it, take it out, or mark it informational: yes",
        )


def _unused_answers(examined: Examined) -> Iterator[Found]:
    for link_id, code in unused_answers(examined.pack):
        yield Found(
            examined.pack.places[link_id],
            f"no rule mentions the answer '{code}' of '{link_id}'; use it or list it under"
            " harmless",
        )


def _unused_names(examined: Examined) -> Iterator[Found]:
    files = {
        "setting": "settings.yaml",
        "condition": "conditions.yaml",
        "class": "medicines.yaml",
        "source": "sources.yaml",
    }
    for kind, name in unused_names(examined.pack):
        place = examined.pack.places.get(f"{kind} {name}", f"{files[kind]}:1")
        yield Found(place, f"nothing uses the {kind} '{name}'; use it or take it out")


def _never_asked(examined: Examined) -> Iterator[Found]:
    for link_id in never_asked(examined.pack, examined.cells):
        yield Found(
            examined.pack.places[link_id], f"'{link_id}' is never asked; mend its enable_when"
        )


def _told_by_asking(examined: Examined) -> Iterator[Found]:
    """Find open questions that show a helper what was answered in private by being asked."""
    private = examined.pack.questionnaire.private
    for link_id, gate in examined.pack.gates.items():
        subjects = {sentence.subject for sentence in gate.sentences()} & private
        if subjects and link_id not in private:
            yield Found(
                examined.pack.places[link_id],
                f"'{link_id}' is asked because of {_quoted(subjects)}, which is asked in private;"
                " write private: yes on its page too",
            )


def _quoted(names: Iterable[str]) -> str:
    return " or ".join(f"'{name}'" for name in sorted(names))


def _idle_lines(examined: Examined) -> Iterator[Found]:
    for proof in examined.written_proofs:
        for line in proof.idle_lines:
            yield Found(
                examined.written.rules_by_id[proof.rule_id].where,
                f"'{proof.rule_id}' would be the same {line}: another line says it already, or its"
                " question is not asked when it would count",
            )


def _fails_open(examined: Examined) -> Iterator[Found]:
    for proof in examined.proofs:
        if proof.fails_open is not None:
            yield Found(
                examined.where(proof),
                f"'{proof.rule_id}' is ruled out although an open answer could still meet it; open"
                f" are among {', '.join(proof.fails_open)}",
            )


_WITHOUT_SOURCE = {
    Basis.EXPERT_DEFAULT,
    Basis.GENERAL_KNOWLEDGE,
    Basis.LOCAL_POLICY,
    Basis.LAW,
    Basis.EXTRAPOLATED,
}


def _unheard(examined: Examined) -> Iterator[Found]:
    for place, words in unheard(examined.written):
        yield Found(place, f"for a healthy patient {words}; name an answer that a rule takes up")


def _evidence(examined: Examined) -> Iterator[Found]:
    """Find rules without a source or a topic, and those past their review date."""
    for rule in examined.pack.rules:
        if not rule.sources and not set(rule.basis) <= _WITHOUT_SOURCE:
            named = ", ".join(rule.basis)
            yield Found(rule.where, f"'{rule.id}' rests on {named} but names no source; add one")
        if rule.review_by <= examined.today:
            yield Found(
                rule.where,
                f"'{rule.id}' was to be reviewed by {rule.review_by}; read its sources again and"
                " set a new date",
            )
        if not rule.covers:
            yield Found(rule.where, f"'{rule.id}' names no topic under covers")


def _topics(examined: Examined) -> Iterator[Found]:
    """Find topics nothing takes care of, and names of topics that are not on the list."""
    pack = examined.pack
    for row in coverage_of(pack):
        if row.is_gap:
            yield Found(
                pack.places[f"topic {row.topic.id}"],
                f"nothing covers '{row.topic.id}'; name it under covers where it is taken care of,"
                " or say under left_out why not",
            )
    known = [topic.id for topic in pack.topics]
    for coverer, topic in unknown_topics(pack) if known else ():
        yield Found(
            coverer.place,
            f"{coverer.words} covers '{topic}', which is no topic of topics.yaml"
            f"{near(topic, known)}",
        )


def _settings(examined: Examined) -> Iterator[Found]:
    """Find settings outside the range their sources span."""
    for name, setting in examined.pack.settings.items():
        if not setting.allows(setting.value):
            yield Found(
                examined.pack.places[f"setting {name}"],
                f"'{name}' is {setting}, outside its range {setting.range}; mend one of them",
            )


def _vignette_names(examined: Examined) -> Iterator[Found]:
    """Find vignettes that name a rule which does not exist."""
    known = set(examined.written.rules_by_id)
    for vignette in examined.written.vignettes:
        expect = vignette.expect
        for rule_id in sorted({*expect.fires, *expect.unknown, *expect.silent} - known):
            yield Found(
                vignette.where,
                f"'{vignette.id}' expects the rule '{rule_id}', which is not there"
                f"{near(rule_id, known)}",
            )


def _without_vignettes(examined: Examined) -> Iterator[Found]:
    """Find rules that no vignette fires, or none keeps silent."""
    fired = {rule_id for v in examined.written.vignettes for rule_id in v.expect.fires}
    silent = {rule_id for v in examined.written.vignettes for rule_id in v.expect.silent}
    for rule in examined.written.rules:
        if rule.id not in fired:
            yield Found(
                rule.where, f"no vignette fires '{rule.id}'; add one that lists it under fires"
            )
        if rule.id not in silent:
            yield Found(
                rule.where,
                f"no vignette keeps '{rule.id}' silent; add one that lists it under silent",
            )


def _without_cases(examined: Examined) -> Iterator[Found]:
    """Find rules about which no case was generated, in a pack that keeps such cases."""
    pinned = {one.rule_id for one in examined.boundaries}
    for rule in examined.written.rules if pinned else ():
        if rule.id not in pinned:
            yield Found(
                rule.where,
                f"no generated case is about '{rule.id}'; run 'intake rules boundaries --write'",
            )


def _base_answers(examined: Examined) -> Iterator[Found]:
    """Find questions that the base patient is asked and does not answer."""
    base = examined.written.base
    for link_id in _unanswered(examined.written):
        yield Found(
            base.where if base else "vignettes/base.yaml:1",
            f"the base patient is asked '{link_id}' and has no answer to it",
        )


def _unanswered(pack: RulePack) -> list[str]:
    if pack.base is None:
        return []
    reading = read_all(pack, pack.base.answers, pack.base.plan, pack.base.on)
    case = case_of(pack, reading.answers, pack.base.on)
    return [
        link_id
        for link_id, item in pack.questionnaire.items.items()
        if case.asked(link_id) is Truth.MET
        and item.required
        and case.answer(link_id) is Missing.NOT_ANSWERED
    ]


def _vignettes_hold(examined: Examined) -> Iterator[Found]:
    """Find vignettes that do not give what they say; not while their base patient is not whole."""
    if _unanswered(examined.written):
        return
    for vignette in examined.written.vignettes:
        for fault in run_vignette(examined.written, vignette)[1]:
            yield Found(vignette.where, f"'{vignette.id}': {fault}")


def _boundaries_hold(examined: Examined) -> Iterator[Found]:
    """Find generated cases that do not give what they gave when they were made."""
    pack = examined.written
    for one in examined.boundaries:
        rule = pack.rules_by_id.get(one.rule_id)
        if rule is None:
            yield Found(GENERATED, f"a case is about '{one.rule_id}', which is gone")
            continue
        found = outcome_on(rule, pack, one.plan, one.answers, one.on)
        if found is None:
            yield Found(GENERATED, f"the answers of a case of '{rule.id}' cannot be read any more")
        elif found != one.outcome:
            yield Found(
                rule.where,
                f"'{rule.id}' now gives {found} for {one.why}, and gave {one.outcome}; if that is"
                " meant, write the generated cases anew",
            )


def _mutants(examined: Examined) -> Iterator[Found]:
    """Find out whether too many small faults would go unnoticed."""
    score, pack = examined.score, examined.written
    place = pack.vignettes[0].where if pack.vignettes else "vignettes/"
    if score.written < WRITTEN_SCORE:
        yield Found(
            place,
            f"the vignettes notice {score.written:.0%} of {len(score.counted)} small faults, and"
            f" {WRITTEN_SCORE:.0%} are needed; 'intake rules mutants' lists the others",
        )
    if examined.boundaries and score.together < WHOLE_SCORE:
        yield Found(
            place,
            f"with the generated cases {score.together:.0%} of the small faults are noticed, and"
            f" {WHOLE_SCORE:.0%} are needed; write the generated cases anew",
        )


def _words(examined: Examined) -> Iterator[Found]:
    yield from (Found(*found) for found in words_for_patients(examined.pack, examined.today))


def _reading_level(examined: Examined) -> Iterator[Found]:
    yield from (Found(*found) for found in reading_level(examined.pack, examined.today))


def _translations(examined: Examined) -> Iterator[Found]:
    yield from (Found(*found) for found in translations(examined.written))


CHECKS = (
    Check(2, "every rule can be met", _unmet),
    Check(2, "tables agree with the screening", _at_odds),
    Check(3, "no rule is shadowed", _shadowed),
    Check(4, "every question is used", _unused_questions),
    Check(4, "every answer matters", _unused_answers),
    Check(4, "every name is used", _unused_names),
    Check(5, "every question can be asked", _never_asked),
    Check(5, "every line matters", _idle_lines),
    Check(5, "what was told in private stays private", _told_by_asking),
    Check(6, "not sure never fails open", _fails_open),
    Check(6, "what is told is heard", _unheard),
    Check(7, "evidence and review dates", _evidence),
    Check(7, "every topic is covered", _topics),
    Check(7, "settings within their ranges", _settings),
    Check(8, "vignettes name rules", _vignette_names),
    Check(8, "every rule has vignettes", _without_vignettes),
    Check(8, "the base patient answers", _base_answers),
    Check(8, "vignettes hold", _vignettes_hold),
    Check(8, "every rule has generated cases", _without_cases),
    Check(8, "generated cases hold", _boundaries_hold),
    Check(8, "vignettes notice small faults", _mutants),
    Check(9, "words for patients", _words),
    Check(9, "reading level for patients", _reading_level),
    Check(9, "translations are whole", _translations),
)
"""The checks beyond those made while loading, in the order of the points."""
