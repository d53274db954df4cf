"""The systems of codes that are ours, whole, so that another program can look each code up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from intake.core.display import DISPOSITION, OVERRIDE_REASON, TRIAGE
from intake.core.screening import ENGINE_VERSION
from intake.core.trail_words import AUDIT
from intake.exports.fhir.acts import ACTIONS, DISPOSITIONS, action_code
from intake.exports.fhir.findings import REASONS, UNDECIDED
from intake.exports.fhir.form import questionnaire
from intake.exports.fhir.naming import answers_of, classes_of, uuid_of, version_of
from intake.exports.fhir.narrative import narrative
from intake.exports.fhir.rules import TRIAGES, rules_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from intake.core.rules import RulePack
    from intake.exports.fhir.naming import Resource
    from intake.exports.fhir.phrases import Say


def code_systems(pack: RulePack, say: Say) -> Iterator[Resource]:
    """Yield every system of codes that a record under a pack can use, beside those of others."""
    own, rules = version_of(pack), [*pack.rules, *pack.switched_off]
    yield _system(own, answers_of(pack), "Answers", _answers(questionnaire(pack, say)))
    yield _system(own, classes_of(pack), "Classes of medicines", _pairs(pack.vocabulary.classes))
    yield _system(own, rules_of(pack), "Rules", _pairs({r.id: r.title for r in rules}))
    triages = {triage.value: shown.word for triage, shown in TRIAGE.items()}
    open_ = {UNDECIDED["code"]: UNDECIDED["display"]}
    acts = {action_code(action): words for action, words in AUDIT.items()}
    for url, title, words in (
        (TRIAGES, "Order of the queue", triages),
        (DISPOSITIONS, "Decisions", DISPOSITION),
        (REASONS, "Reasons against a finding", OVERRIDE_REASON),
        (UNDECIDED["system"], "Kinds of findings", open_),
        (ACTIONS, "Acts of the audit trail", acts),
    ):
        yield _system(ENGINE_VERSION, url, title, _pairs(words))


def _system(version: str, url: str, title: str, concepts: Iterable[Resource]) -> Resource:
    found = list(concepts)
    return {
        "resourceType": "CodeSystem",
        "id": uuid_of("CodeSystem", f"{url}|{version}"),
        "text": narrative([title, *(one["display"] for one in found)]),
        "url": url,
        "version": version,
        "name": "".join(word.capitalize() for word in title.split()),
        "title": title,
        "status": "active",
        "caseSensitive": True,
        "content": "complete",
        "count": len(found),
        "concept": found,
    }


def _pairs(words: Mapping[Any, str]) -> Iterator[Resource]:
    for code, said in words.items():
        yield {"code": str(code), "display": said}


def _answers(form: Resource) -> Iterator[Resource]:
    """Yield each option of ours once, with its translations."""
    seen: set[str] = set()
    for item in _items(form):
        for one in item.get("answerOption", ()):
            found = one["valueCoding"]
            if found["system"].endswith("-answers") and found["code"] not in seen:
                seen.add(found["code"])
                said = [
                    {
                        "language": part["extension"][0]["valueCode"],
                        "value": part["extension"][1]["valueString"],
                    }
                    for part in found.get("_display", {}).get("extension", ())
                ]
                concept = {"code": found["code"], "display": found["display"]}
                yield {**concept, **({"designation": said} if said else {})}


def _items(form: Resource) -> Iterator[Resource]:
    for one in form.get("item", ()):
        yield one
        yield from _items(one)
