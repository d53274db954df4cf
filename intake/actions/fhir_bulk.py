"""Releasing many cases as FHIR: a file for each kind of resource, and gone on with after a kill.

A few cases at a time are read as they stand at one moment, written down in the audit trail, and
only then added to the files; a checkpoint says that they count. Nothing grows with their number.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from intake.actions.decide import PRIVATE_READ
from intake.actions.documents import COMMAND_LINE
from intake.actions.export import Asked
from intake.actions.fhir_standing import Standing
from intake.actions.names import systems
from intake.actions.reading import CASE_EXPORTED
from intake.actions.rule_packs import hash_in_force
from intake.core.errors import StateError
from intake.exports.fhir.case import KINDS, definitions, resources
from intake.exports.fhir.extract import Extract
from intake.exports.fhir.links import Links
from intake.exports.fhir.manifest import Made, file_of, manifest
from intake.exports.fhir.naming import rules_version_of, uuid_of, version_of, written
from intake.exports.ndjson import Lines
from intake.storage import audit, people, recorded, trail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from intake.actions.documents import Press
    from intake.actions.export import ExportFilters
    from intake.core.recorded import Recorded
    from intake.core.records import Practitioner
    from intake.core.rules import RulePack
    from intake.exports.dossier import Maker
    from intake.exports.fhir.case import Definitions
    from intake.exports.fhir.naming import Resource
    from intake.exports.ndjson import Finished
    from intake.storage import Store
    from intake.storage.recorded import Place

FEW = 200
"""How many cases are read, written down and added at a time; a kill costs at most these."""

FORM = "ndjson"
_SHARED = frozenset({"Organization", "Device", "Practitioner", "Questionnaire", "PlanDefinition"})
"""Kinds of which many cases name the same resource; a clinic has few, however many its cases."""

_ERASED = {"patient": "Patient", "form": "QuestionnaireResponse"}


def export_bulk(
    store: Store,
    press: Press,
    folder: Path,
    *,
    filters: ExportFilters,
    now: datetime,
    told: Callable[[int, int], None],
    is_packed: bool = False,
) -> list[Finished]:
    """Write cases into a folder as FHIR NDJSON with a manifest, or go on with what was cut off.

    That it was begun or gone on with is audited first, and each case before it is in a file;
    private answers that go out count as read.

    Args:
        store: Where the cases are.
        press: What records are made with.
        folder: Where to write; one that is new, empty, or holds an export that was cut off.
        filters: Which cases.
        now: When.
        told: Is told, whenever that changed, how many cases are in the files, and of how many.
        is_packed: The files are compressed with gzip.

    Returns:
        The files.

    Raises:
        StateError: the folder is not for this export, or a record in it was erased meanwhile; says
            what to do.
    """
    links = Links(trail.origin(store.connection), is_bundle=False)
    errand = _Errand(store, press, Lines(folder), filters, links, now, is_packed)
    standing = errand.begin()
    told(standing.done, standing.cases)
    run = _Run(errand, press.maker(None, standing.begun_at))
    with _garbage_between() as collect:
        while places := errand.next_places(standing):
            standing = run.add(standing, places)
            told(standing.done, standing.cases)
            collect()
    return errand.finish(standing)


@contextmanager
def _garbage_between() -> Iterator[Callable[[], object]]:
    """Look for garbage between a few cases and the next, when hardly anything of them is left.

    Among them it takes a tenth of the time, and finds nothing: what a case is made of goes away
    with the case.
    """
    gc.disable()
    try:
        yield gc.collect
    finally:
        gc.enable()


@dataclass(frozen=True, slots=True)
class _Errand:
    """What is to be written, and where."""

    store: Store
    press: Press
    lines: Lines
    filters: ExportFilters
    links: Links
    now: datetime
    is_packed: bool

    @property
    def request(self) -> Asked:
        """What was asked for at the command line."""
        return Asked.of(self.filters, None, self.now)

    def begin(self) -> Standing:
        """Return where the export stands, once what was cut off is cut away and all is noted."""
        kept = self.lines.begun()
        try:
            standing = self._new() if kept is None else Standing.of(kept)
        except (KeyError, TypeError, ValueError) as error:
            raise self.lines.unreadable() from error
        if kept is not None:
            self._require_same(standing)
            self.lines.cut(standing.sizes)
            self._require_none_erased(standing)
        self.request.note(self.store, "fhir", FORM, standing.cases, done=standing.done)
        if kept is None:
            self.lines.make()
            self.lines.keep(standing.kept())
        return standing

    def _new(self) -> Standing:
        cases = recorded.count(self.store, self.request.selection, self.now)
        return Standing(self._asked(), self.now, trail.head(self.store.connection), cases)

    def _wanted(self) -> dict[str, str]:
        days = {"since": self.filters.since, "until": self.filters.until}
        said = {name: day.isoformat() if day else "" for name, day in days.items()}
        said |= {"triage": ",".join(sorted(self.filters.triage)), "site": self.filters.site}
        return {name: value for name, value in said.items() if value}

    def file_of(self, kind: str) -> str:
        """Return the name of the file of a kind of resource."""
        return file_of(kind, is_packed=self.is_packed)

    def _asked(self) -> dict[str, str]:
        return {
            **{f"--{name}": value for name, value in self._wanted().items()},
            **({"--gzip": "asked for"} if self.is_packed else {}),
            "clinic": self.links.clinic,
            "INTAKE_CLINIC_NAME": self.press.clinic,
            "INTAKE_TIMEZONE": str(self.press.zone),
            "version of the program": self.press.version,
            "rules in force": hash_in_force(self.store) or "",
        }

    def _require_same(self, standing: Standing) -> None:
        """See that the same is asked of the same clinic as when the export was begun.

        Raises:
            StateError: it is not.
        """
        then, now = standing.asked, self._asked()
        names = [name for name in sorted({*then, *now}) if then.get(name) != now.get(name)]
        others = [f"{n}: {then.get(n) or 'none'} then, {now.get(n) or 'none'} now" for n in names]
        if not trail.holds(self.store.connection, standing.head):
            others.append("the audit trail does not hold what it held then: an older copy")
        if others:
            msg = (
                f"The export in '{self.lines.folder}' was begun otherwise and cannot be gone on"
                f" with ({'; '.join(others)}). Run the command as it was, or remove that folder and"
                " begin anew."
            )
            raise StateError(msg)

    def _require_none_erased(self, standing: Standing) -> None:
        """See that nothing in the files was erased since the export was begun.

        Raises:
            StateError: something was; what is erased must not leave the house.
        """
        gone: dict[str, set[bytes]] = {}
        for what, id_ in recorded.erased_since(self.store, standing.head.count):
            kind = _ERASED[what]
            gone.setdefault(kind, set()).add(uuid_of(kind, f"{self.links.clinic}/{id_}").encode())
        for kind, ids in gone.items():
            begin = len(written({"resourceType": kind, "id": ""})) - len('"}')
            found = (line[begin : begin + 36] for line in self.lines.lines(self.file_of(kind)))
            if any(id_ in ids for id_ in found):
                msg = (
                    f"A record in '{self.lines.folder}' was erased since the export was begun."
                    " Remove that folder, so that what is erased does not leave, and begin anew."
                )
                raise StateError(msg)

    def next_places(self, standing: Standing) -> list[Place]:
        """Return the next few cases."""
        selection = self.request.selection
        return recorded.places_after(self.store, selection, standing.begun_at, standing.place, FEW)

    def finish(self, standing: Standing) -> list[Finished]:
        """Give the files their names, and say in the manifest what they hold."""
        self._require_none_erased(standing)
        names = [self.file_of(kind) for kind in KINDS if self.file_of(kind) in standing.sizes]
        files = [self.lines.finish(name) for name in names]
        made = Made(
            clinic=self.links.clinic,
            wanted=self._wanted(),
            at=standing.begun_at,
            cases=standing.done,
            packs=standing.packs,
            program=self.press.version,
            head=trail.head(self.store.connection),
        )
        self.lines.close(manifest(made, files))
        return files


@dataclass(frozen=True, slots=True)
class _Run:
    """Adds cases to the files.

    Attributes:
        maker: What every record says of its making: the same however often it was cut off.
        packs: Those that were needed so far.
        defined: What is made of each, by the version of its rules.
    """

    errand: _Errand
    maker: Maker
    packs: list[RulePack] = field(default_factory=list)
    defined: dict[str, Definitions] = field(default_factory=dict)

    def add(self, standing: Standing, places: Sequence[Place]) -> Standing:
        """Add the cases of some places; they count once the checkpoint says so."""
        extracts, added = self._extracts(standing, places), _Added(standing)
        for extract in extracts:
            defined = self.defined[rules_version_of(extract.pack)]
            added.take(extract, resources(extract, defined, self.errand.links))
        if added.noted:
            with self.errand.store.write() as db:
                audit.append_each(
                    db, at=self.errand.now, actor=COMMAND_LINE, lines=added.noted,
                    shape=f"fhir {FORM}",
                )  # fmt: skip
        sizes = dict(standing.sizes)
        for kind, lines in added.lines.items():
            name, content = self.errand.file_of(kind), b"".join(lines)
            sizes[name] = self.errand.lines.append(name, content, sizes.get(name, 0))
        standing = replace(
            standing,
            done=standing.done + len(extracts),
            place=places[-1],
            sizes=sizes,
            shared=frozenset(added.shared),
            packs=added.packs,
        )
        self.errand.lines.keep(standing.kept())
        return standing

    def _extracts(self, standing: Standing, places: Sequence[Place]) -> list[Extract]:
        """Read cases as they stand at one moment, while others may go on writing."""
        store, wanted = self.errand.store, self.errand.request.selection
        patients = list({place.patient_id for place in places})
        with store.reading():
            cases = recorded.read(store, [place.response_id for place in places])
            spoken = recorded.languages_of(store, wanted, standing.begun_at, patients)
            everybody = {who.id: who for who in people.practitioners(store)}
            others = systems(store)
        return [self._extract(case, everybody, others, spoken) for case in cases]

    def _extract(
        self,
        case: Recorded,
        everybody: Mapping[str, Practitioner],
        others: Mapping[str, str],
        spoken: Mapping[str, Sequence[str]],
    ) -> Extract:
        stored = case.screening
        hash_ = stored.screening.pack_hash if stored else case.response.pack_hash
        day = stored.screening.on if stored else self.maker.today
        pack = next((p for p in self.packs if p.hash == hash_ and p.holds_on(day)), None)
        if pack is None:
            pack = self.errand.press.pack_of(hash_, day)
            self.packs.append(pack)
        version = rules_version_of(pack)
        if version not in self.defined:
            self.defined[version] = definitions(pack, self.errand.press.say)
            gc.freeze()  # a million values that stay need not be looked through for garbage again
        languages = tuple(spoken[case.patient.id]) or (case.response.language,)
        return Extract(self.maker, case, pack, everybody, others, languages)


class _Added:
    """What a few cases add to the files, and to the audit trail before that.

    Attributes:
        lines: New lines by kind of resource; what many cases name stands there once.
        noted: What goes out, as the trail has it.
    """

    def __init__(self, standing: Standing) -> None:
        self.lines: dict[str, list[bytes]] = {}
        self.noted: list[tuple[str, str]] = []
        self.shared = set(standing.shared)
        self.packs = dict(standing.packs)
        self._patient = standing.place.patient_id

    def take(self, extract: Extract, made: Mapping[str, Sequence[Resource]]) -> None:
        """Add a case; of its patient the walk brings all cases one after the other."""
        case = extract.case
        self.noted.append((CASE_EXPORTED, case.response.id))
        if case.response.answers.keys() & extract.pack.questionnaire.private:
            self.noted.append((PRIVATE_READ, case.response.id))
        for kind, ones in made.items():
            for one in ones:
                if self._is_new(kind, one["id"], case.patient.id):
                    self.lines.setdefault(kind, []).append(written(one) + b"\n")
        self.packs[extract.pack.hash] = version_of(extract.pack)
        self._patient = case.patient.id

    def _is_new(self, kind: str, id_: str, patient_id: str) -> bool:
        if kind == "Patient":
            return patient_id != self._patient
        if kind not in _SHARED:
            return True
        is_new = id_ not in self.shared
        self.shared.add(id_)
        return is_new
