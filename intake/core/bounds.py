"""Many conditions judged at once, in two bounds: what may be met, and what surely is.

Each sentence is a bit in two numbers, and a condition is arithmetic on them, written out as Python
when a pack is first used; each answer is looked at once, and not once for every rule about it. What
a condition means is said by `Condition.truth` alone: here stands the same, sooner.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from intake.core.answers import Chosen, Missing, Picked
from intake.core.conditions import All, AnyOf, AtLeast, Named, Not, Sentence
from intake.core.sentences import Includes, Quantifier
from intake.core.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from intake.core.answers import Answer
    from intake.core.conditions import Case, Condition

T = TypeVar("T")
Two: TypeAlias = tuple[T, T]
"""Of what may be met, and of what surely is."""

MAY, MET = "may", "met"
_OTHER = {MAY: MET, MET: MAY}


class Bounds:
    """Judges the conditions of a pack.

    Args:
        conditions: What is judged.
        gates: The enable-when of each question that has one.

    Raises:
        RecursionError: questions hang on each other in a circle.
    """

    def __init__(self, conditions: Sequence[Condition], gates: Mapping[str, Condition]) -> None:
        writer = _Writer(gates)
        self._judge = writer.written(conditions)

    def open(self, case: Case) -> list[tuple[int, Truth]]:
        """Return each condition that is not ruled out, by its place, with its truth.

        What was found out about gates is kept with the case.
        """
        found: list[tuple[int, Truth]] = []
        self._judge(case, case.turned, found.append)
        return found


@dataclass(slots=True)
class _Question:
    """A question, and the sentences about it.

    Attributes:
        presuming: As what cases see it, see `Case.turned`.
        gate: Texts that tell whether it may be asked, and surely is; None for one that always is.
        bits: Its sentences.
        by_options: Those that ticked options meet, each by itself.
        ticked: Which of them each option meets.
        chosen: What each option that was chosen meets, as far as that was looked at.
        others: Those that ticked options do not meet each by itself.
        open: All of them.
        are_plain: None of them looks at anything but the answer.
        is_open_without: All of them are unknown while there is no answer.
    """

    link_id: str
    presuming: bool
    gate: Two[str] | None
    bits: dict[Sentence, int] = field(default_factory=dict)
    by_options: int = 0
    ticked: dict[str, int] = field(default_factory=dict)
    chosen: dict[str, Two[int]] = field(default_factory=dict)
    others: dict[Sentence, int] = field(default_factory=dict)
    open: int = 0
    are_plain: bool = True
    is_open_without: bool = True

    def add(self, sentence: Sentence, bit: int) -> None:
        """Take in a sentence."""
        self.bits[sentence] = bit
        self.open |= bit
        self.are_plain &= sentence.is_plain
        self.is_open_without &= type(sentence).weigh is Sentence.weigh
        if isinstance(sentence, Includes) and sentence.quantifier is Quantifier.ANY:
            self.by_options |= bit
            for code in sentence.codes:
                self.ticked[code] = self.ticked.get(code, 0) | bit
        else:
            self.others[sentence] = bit

    def judged(self, answer: Answer, case: Case) -> Two[int]:
        """Judge its sentences by an answer, as if it were asked."""
        if isinstance(answer, Picked):
            met = 0
            for code in answer.codes:
                met |= self.ticked.get(code, 0)
            may_be, surely = _weighed(self.others, answer, case) if self.others else (0, 0)
            return may_be | (self.by_options if answer.unsure else met), surely | met
        found = _weighed(self.bits, answer, case)
        if isinstance(answer, Chosen) and self.are_plain:
            self.chosen[answer.code] = found
        return found


def _weighed(sentences: Mapping[Sentence, int], answer: Answer, case: Case) -> Two[int]:
    may = met = 0
    for sentence, bit in sentences.items():
        truth = sentence.weigh(answer, case)
        if truth is not Truth.NOT_MET:
            may |= bit
            if truth is Truth.MET:
                met |= bit
    return may, met


@dataclass(frozen=True, slots=True)
class _Other:
    """A condition of a kind that is not known here."""

    condition: Condition
    presuming: bool
    bit: int


@dataclass(frozen=True, slots=True)
class _Sight:
    """How a condition is looked at.

    Attributes:
        presuming: See `Case.turned`.
        wanted: False where its opposite is looked at: inside a `not`.
        in_gate: Whether it belongs to an enable-when, which is worked out before the rules.
    """

    presuming: bool = True
    wanted: bool = True
    in_gate: bool = False

    @property
    def turned(self) -> _Sight:
        """How the inside of a `not` is looked at."""
        return replace(self, presuming=not self.presuming, wanted=not self.wanted)


class _Writer:
    """Writes conditions out as Python, in which nothing stands but names and numbers made here."""

    def __init__(self, gates: Mapping[str, Condition]) -> None:
        self._gates = gates
        self._bits = 0
        self._names: dict[tuple[Named, _Sight, str], str] = {}
        self._named: list[str] = []
        self._questions: dict[tuple[str, bool], _Question] = {}
        self._others: list[_Other] = []
        self._known: dict[str, Any] = {
            "Missing": Missing,
            "NOT_ANSWERED": Missing.NOT_ANSWERED,
            "Chosen": Chosen,
            **{truth.name: truth for truth in Truth},
        }

    def written(self, conditions: Sequence[Condition]) -> Callable[..., None]:
        """Return a function of a case, the same case turned, and what takes each that is open."""
        ends = [
            f"    if {self.of(one, MAY, _Sight())}:"
            f" found(({number}, MET if {self.of(one, MET, _Sight())} else UNKNOWN))"
            for number, one in enumerate(conditions)
        ]
        for link_id in self._gates:
            self.ask(link_id, presuming=True)
        lines = [
            "def judge(case, turned, found):",
            "    may = met = 0",
            "    get = case.answers.get",
            "    asked, asked_turned = case.asked_so_far, turned.asked_so_far",
            *self._asking(),
            *(x for n, one in enumerate(self._others) for x in self._asking_another(n, one)),
            *self._named,
            *ends,
        ]
        exec("\n".join(lines), self._known)  # noqa: S102 - nothing of a pack stands in it but counts
        judge: Callable[..., None] = self._known["judge"]
        return judge

    def _asking(self) -> Iterator[str]:
        """Write how the questions are gone through: those together that are asked together."""
        together: dict[tuple[bool, Two[str] | None], list[_Question]] = {}
        for one in self._questions.values():
            together.setdefault((one.presuming, one.gate), []).append(one)
        for number, ((presuming, gate), questions) in enumerate(together.items()):
            asked = "asked" if presuming else "asked_turned"
            if gate is not None:
                for truth in Truth:
                    self._known[f"{truth.name}_{number}"] = {q.link_id: truth for q in questions}
                yield f"    if not ({gate[0]}): {asked}.update(NOT_MET_{number})"
                yield "    else:"
                yield f"        is_asked = {gate[1]}"
                yield f"        {asked}.update(MET_{number} if is_asked else UNKNOWN_{number})"
            indent = "    " if gate is None else "        "
            for place, one in enumerate(questions):
                lines = self._weighing(f"{number}_{place}", one) if one.bits else ()
                yield from (f"{indent}{line}" for line in lines)

    def _weighing(self, number: str, one: _Question) -> Iterator[str]:
        """Write how the sentences about a question that may be asked are judged."""
        name, answer, chosen = (f"{what}_{number}" for what in ("question", "answer", "chosen"))
        self._known |= {name: one.link_id, answer: one.judged, chosen: one.chosen}
        yield f"answer = get({name}, NOT_ANSWERED)"
        yield "kind = answer.__class__"
        indent = ""
        if one.is_open_without:
            yield f"if kind is Missing: may |= {one.open:#x}"
            yield "else:"
            indent = "    "
        yield f"{indent}bits = {chosen}.get(answer.code) if kind is Chosen else None"
        view = "case" if one.presuming else "turned"
        yield f"{indent}if bits is None: bits = {answer}(answer, {view})"
        yield f"{indent}may |= bits[0]"
        yield f"{indent}{'if is_asked: ' if one.gate else ''}met |= bits[1]"

    def _asking_another(self, number: int, other: _Other) -> Iterator[str]:
        """Write how a condition of a kind that is not known here is judged: by itself."""
        self._known[f"condition_{number}"] = other.condition
        yield f"    truth = condition_{number}.truth({'case' if other.presuming else 'turned'})"
        yield f"    may |= {other.bit:#x} if truth is not NOT_MET else 0"
        yield f"    met |= {other.bit:#x} if truth is MET else 0"

    def of(self, condition: Condition, bound: str, sight: _Sight) -> str:
        """Write a bound of a condition, or of its opposite.

        That a thing may not be is that it not surely is, and the other way round.
        """
        if isinstance(condition, Not):
            return self.of(condition.part, bound, sight.turned)
        if isinstance(condition, Named):
            return self._name(condition, bound, sight)
        if isinstance(condition, AtLeast):
            return self._at_least(condition, bound, sight)
        if isinstance(condition, All | AnyOf):
            return self._group(condition, bound, sight)
        bit = self._bit(condition, sight)
        return f"{bound} & {bit:#x}" if sight.wanted else f"not {_OTHER[bound]} & {bit:#x}"

    def _name(self, condition: Named, bound: str, sight: _Sight) -> str:
        if sight.in_gate:
            return self.of(condition.part, bound, sight)
        key = condition, sight, bound
        if key not in self._names:
            text = self.of(condition.part, bound, sight)
            self._names[key] = f"named_{len(self._names)}"
            self._named.append(f"    {self._names[key]} = {text}")
        return self._names[key]

    def _group(self, condition: All | AnyOf, bound: str, sight: _Sight) -> str:
        """Write a group; of what are bits, all that are looked for are looked for at once."""
        is_all = isinstance(condition, All) is sight.wanted
        bits, absent, rest = self._sorted(condition.parts, bound, sight)
        found = []
        if bits:
            found.append(
                f"({bound} & {bits:#x}) == {bits:#x}" if is_all else f"{bound} & {bits:#x}"
            )
        if absent:
            held = f"{_OTHER[bound]} & {absent:#x}"
            found.append(f"not {held}" if is_all else f"({held}) != {absent:#x}")
        found += [f"({text})" for text in rest]
        if not found:
            return str(is_all)
        return f"({(' and ' if is_all else ' or ').join(found)})"

    def _at_least(self, condition: AtLeast, bound: str, sight: _Sight) -> str:
        """Write a count; not so many are met where so many less one are not."""
        number = condition.number if sight.wanted else len(condition.parts) - condition.number + 1
        counts = (f"bool({self.of(part, bound, sight)})" for part in condition.parts)
        return f"({' + '.join(('0', *counts))} >= {number})"

    def _sorted(
        self, parts: Iterable[Condition], bound: str, sight: _Sight
    ) -> tuple[int, int, list[str]]:
        """Return the bits that have to be there, those that have not, and the rest as text."""
        bits = absent = 0
        rest = []
        for part in parts:
            inner, seen = (part.part, sight.turned) if isinstance(part, Not) else (part, sight)
            if not isinstance(inner, Sentence):
                rest.append(self.of(part, bound, sight))
            elif seen.wanted:
                bits |= self._bit(inner, seen)
            else:
                absent |= self._bit(inner, seen)
        return bits, absent, rest

    def _bit(self, condition: Condition, sight: _Sight) -> int:
        if not isinstance(condition, Sentence):
            self._others.append(_Other(condition, sight.presuming, self._next()))
            return self._others[-1].bit
        presuming = sight.presuming or not self._presumes(condition)
        question = self.ask(condition.subject, presuming=presuming)
        if condition not in question.bits:
            question.add(condition, self._next())
        return question.bits[condition]

    def _next(self) -> int:
        self._bits += 1
        return 1 << self._bits

    def ask(self, link_id: str, *, presuming: bool) -> _Question:
        """Take in a question, and before it all that its gate looks at."""
        key = link_id, presuming
        if key not in self._questions:
            gate, written = self._gates.get(link_id), None
            if gate is not None:
                sight = _Sight(presuming=presuming, in_gate=True)
                written = self.of(gate, MAY, sight), self.of(gate, MET, sight)
            self._questions[key] = _Question(link_id, presuming, written)
        return self._questions[key]

    def _presumes(self, sentence: Sentence) -> bool:
        """Tell whether it may come out otherwise inside a `not`: itself, or by the gates before."""
        gate = self._gates.get(sentence.subject)
        return sentence.presumes or (
            gate is not None and any(map(self._presumes, gate.sentences()))
        )
