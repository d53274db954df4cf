"""A pack's form as a FHIR Questionnaire (R4, SDC 4.0): every question, shown when ours is.

A question that may be answered by something that is no value ("not sure", "I still take it") is a
choice, and its value another question that is asked once the choice says it is known. So "not sure"
is an answer that rules and other systems can see, and nothing is lost that a field cannot hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from intake.core.answers import MAX_TEXT, Missing
from intake.core.questionnaire import NONE_CODE, Kind
from intake.core.translations import SOURCE_LANGUAGE, in_language
from intake.exports.fhir.gates import KNOWN, gate_of, has_value, in_common
from intake.exports.fhir.lists import Lists
from intake.exports.fhir.naming import (
    SDC,
    UCUM,
    Resource,
    coding,
    definition_id,
    extension,
    questionnaire_of,
    version_of,
)
from intake.exports.fhir.narrative import narrative
from intake.exports.fhir.options import (
    HELP,
    PLAN,
    STANDARD,
    VALUE,
    codes_of,
    group,
    option,
    text_of,
)
from intake.exports.fhir.phrases import (
    KNOWN_WORDS,
    PHRASES,
    VALUE_WORDS,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from intake.core.questionnaire import Item, Page
    from intake.core.rules import RulePack
    from intake.exports.fhir.gates import Gate, Part
    from intake.exports.fhir.phrases import Say

UNITS: Mapping[str, str] = {"mm": "mm", "%": "%", "mmol/mol": "mmol/mol", "kg": "kg", "cm": "cm"}
"""Units as forms write them, and their codes in UCUM; one that is not here stands in the text."""


def name_of(pack: RulePack) -> str:
    """Return the name of what is made of a pack, such as programs take."""
    words = "".join(one if one.isalnum() else " " for one in pack.name).split()
    return "".join(word.capitalize() for word in words)


def questionnaire(pack: RulePack, say: Say) -> Resource:
    """Return the form in English with every whole translation beside its texts.

    It is made once of a pack, since that takes longer than all the rest of a case; nobody may
    change it.
    """
    return pack.worked_out((questionnaire, say), lambda: _whole(pack, say))


def _whole(pack: RulePack, say: Say) -> Resource:
    form = _Form(pack, pack, say, SOURCE_LANGUAGE, is_copy=False).whole()
    for language in (SOURCE_LANGUAGE, *pack.translations):
        copy = one_language(pack, say, language)
        _put_translations(form, copy, language)
    return form


def one_language(pack: RulePack, say: Say, language: str) -> Resource:
    """Return the same form, of the same address and version, said in one language only.

    Many programs show the text and know nothing of translations beside it.
    """
    return _Form(pack, in_language(pack, language), say, language, is_copy=True).whole()


@dataclass(frozen=True, slots=True)
class _Form:
    """Writes a form.

    Attributes:
        pack: As it was written; codes and gates are the same in every language.
        said: The pack in the language.
        is_copy: Options are said in the patient's words, also those that HL7 has words for.
    """

    pack: RulePack
    said: RulePack
    say: Say
    language: str
    is_copy: bool

    def whole(self) -> Resource:
        pack = self.said
        return {
            "resourceType": "Questionnaire",
            "id": definition_id("Questionnaire", pack),
            "meta": {"profile": [f"{SDC}/sdc-questionnaire"]},
            "language": self.language,
            "text": narrative([pack.title, *(one.title for one in pack.questionnaire.sections)]),
            "extension": [
                extension(
                    "artifact-versionAlgorithm",
                    valueCoding=coding("http://hl7.org/fhir/version-algorithm", "semver", "SemVer"),
                )
            ],
            "url": questionnaire_of(pack),
            "version": version_of(pack),
            "name": name_of(pack),
            "title": pack.title,
            "status": "active",
            "subjectType": ["Patient"],
            "date": pack.effective.isoformat(),
            "item": [self._plan(), *self._sections()],
        }

    def _plan(self) -> Resource:
        items = [one for item in self.said.plan for one in self._gated(item, ())]
        return group(PLAN, self._say(PHRASES["plan"]), items)

    def _sections(self) -> Iterator[Resource]:
        for section in self.said.questionnaire.sections:
            pages = [self._page(page) for page in section.pages]
            yield group(f"section.{section.id}", section.title, pages)

    def _page(self, page: Page) -> Resource:
        name = f"page.{page.id}"
        shared = in_common([gate_of(item.link_id, self.pack) for item in page.items])
        says = [page.why, *page.says]
        told = [_display(f"{name}.{n}", text) for n, text in enumerate(says) if text]
        items = [one for item in page.items for one in self._gated(item, shared)]
        return {**group(name, page.title, [*told, *items]), **self._enabled(shared)}

    def _gated(self, item: Item, shared: Part) -> list[Resource]:
        """Return a question, in as many groups as it has conditions that a page does not have."""
        gate: Gate = tuple(part for part in gate_of(item.link_id, self.pack) if part != shared)
        question, *more = self._items(item)
        if gate:
            question |= self._enabled(gate[-1])
        found = [question, *more]
        for n, part in enumerate(gate[:-1]):
            whole = group(f"{item.link_id}.if{n + 1}", item.ask, found)
            found = [{**whole, **self._enabled(part)}]
        return found

    def _enabled(self, part: Part) -> Resource:
        tests = [
            {"question": test.question, "operator": "exists", "answerBoolean": False}
            if test.code is None
            else {
                "question": test.question,
                "operator": "=",
                "answerCoding": option(self.pack.items[test.question], test.code, self.pack),
            }
            for test in part
        ]
        many = {"enableBehavior": "any"} if len(tests) > 1 else {}
        return {"enableWhen": tests, **many} if tests else {}

    def _items(self, item: Item) -> list[Resource]:
        codes = codes_of(item)
        if not codes:
            return [self._value(item, item.link_id, item.ask)]
        repeats = item.kind in (Kind.CHOICES, Kind.BODY_MAP)
        choice: Resource = {
            "linkId": item.link_id,
            "text": item.ask,
            "type": "choice",
            "required": item.required and not item.is_plan_field,
            "repeats": repeats,
            "answerOption": [self._option(item, code) for code in codes],
        }
        if not repeats:
            control = coding(
                "http://hl7.org/fhir/questionnaire-item-control", "radio-button", "Radio Button"
            )
            choice["extension"] = [
                extension("questionnaire-itemControl", valueCodeableConcept={"coding": [control]})
            ]
        if item.hint:
            choice["item"] = [_display(item.link_id + HELP, item.hint, control="help")]
        return [choice, *self._followed(item)]

    def _followed(self, item: Item) -> Iterator[Resource]:
        """Yield what is asked once an answer says that there is more."""
        known = self._enabled_by(item, [KNOWN]) if has_value(item) else {}
        match item.kind:
            case Kind.MEDICINES:
                yield self._lists.medicine(item) | known
                yield self._lists.another(item) | known
            case Kind.BODY_MAP:
                yield self._lists.spot(item) | self._enabled_by(item, item.codes)
            case Kind.DATE:
                yield self._value(item, item.link_id + VALUE, self._words(item)) | known
                yield from (end | known for end in self._lists.ends(item.link_id))
            case Kind.NUMBER | Kind.TEXT:
                yield self._value(item, item.link_id + VALUE, self._words(item)) | known

    def _words(self, item: Item) -> str:
        unit = f" ({item.unit})" if item.unit else ""
        return self._say(VALUE_WORDS[item.kind]) + unit

    def _enabled_by(self, item: Item, codes: Iterable[str]) -> Resource:
        tests = [
            {
                "question": item.link_id,
                "operator": "=",
                "answerCoding": option(self.pack.items[item.link_id], code, self.pack),
            }
            for code in codes
            if code != NONE_CODE
        ]
        return {"enableWhen": tests, **({"enableBehavior": "any"} if len(tests) > 1 else {})}

    def _option(self, item: Item, code: str) -> Resource:
        kept = option(self.pack.items[item.link_id], code, self.pack)
        if self.is_copy:
            kept = {**kept, "display": self._option_words(item, code)}
        found: Resource = {"valueCoding": kept}
        if code in (NONE_CODE, Missing.WITHHELD) and item.kind in (Kind.CHOICES, Kind.BODY_MAP):
            found["extension"] = [extension("questionnaire-optionExclusive", valueBoolean=True)]
        return found

    def _option_words(self, item: Item, code: str) -> str:
        if code in STANDARD:
            return self._say(PHRASES[code])
        if code == KNOWN and has_value(item):
            return self._say(KNOWN_WORDS[item.kind])
        words = text_of(item, code)
        return self._say(words) if words == PHRASES["none"] else words

    def _value(self, item: Item, link_id: str, text: str) -> Resource:
        """Return the question for a value itself."""
        found: Resource = {
            "linkId": link_id,
            "text": text,
            "type": "integer"
            if item.kind is Kind.NUMBER and not item.decimals
            else _TYPES[item.kind],
            "required": item.required and not item.is_plan_field,
        }
        if bounds := list(_bounds(item)):
            found["extension"] = bounds
        if item.kind is Kind.TEXT:
            found["maxLength"] = MAX_TEXT
        if item.hint and link_id == item.link_id:
            found["item"] = [_display(link_id + HELP, item.hint, control="help")]
        return found

    @property
    def _lists(self) -> Lists:
        return Lists(self.pack, self._say)

    def _say(self, words: str) -> str:
        return self.say(self.language, words)


_TYPES: Mapping[Kind, str] = {Kind.DATE: "date", Kind.NUMBER: "decimal", Kind.TEXT: "text"}


def _bounds(item: Item) -> Iterator[Resource]:
    """Yield what a value has to keep to, as far as a form can say it."""
    if item.kind is Kind.DATE:
        yield extension("entryFormat", valueString="2026, 2026-11 or 2026-11-21")
    if item.kind is not Kind.NUMBER:
        return
    for name, limit in (("minValue", item.minimum), ("maxValue", item.maximum)):
        if limit is not None and item.decimals:
            yield extension(name, valueDecimal=float(limit))
        elif limit is not None:
            yield extension(name, valueInteger=int(limit))
    if item.decimals:
        yield extension("maxDecimalPlaces", valueInteger=item.decimals)
    if item.unit in UNITS:
        yield extension("questionnaire-unit", valueCoding=coding(UCUM, UNITS[item.unit], item.unit))


def _display(link_id: str, text: str, control: str = "") -> Resource:
    found: Resource = {"linkId": link_id, "text": text, "type": "display"}
    if control:
        code = coding("http://hl7.org/fhir/questionnaire-item-control", control, "Help-Button")
        found["extension"] = [
            extension("questionnaire-itemControl", valueCodeableConcept={"coding": [code]})
        ]
    return found


def _put_translations(form: Resource, copy: Resource, language: str) -> None:
    """Put the texts of a copy beside those of the form, where they differ."""
    for name, beside in (("title", "_title"), ("text", "_text"), ("display", "_display")):
        if isinstance(form.get(name), str) and form[name] != copy[name]:
            said = [{"url": "lang", "valueCode": language}, {"url": "content"}]
            said[1]["valueString"] = copy[name]
            form.setdefault(beside, {}).setdefault("extension", []).append(
                extension("translation", extension=said)
            )
    for name in ("item", "answerOption"):
        for one, other in zip(form.get(name, ()), copy.get(name, ()), strict=True):
            _put_translations(one, other, language)
    if "valueCoding" in form:
        _put_translations(form["valueCoding"], copy["valueCoding"], language)
