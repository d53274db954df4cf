"""Many cases as FHIR: what lies in the folder, what is noted, and that a kill costs nothing."""

import errno
import gzip
import json
from contextlib import closing, suppress
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from intake.actions import fhir_bulk, retention, rule_packs
from intake.actions.answer import choose_language
from intake.actions.export import ExportFilters
from intake.actions.fhir import Bundle, bundle_of
from intake.actions.fhir_bulk import export_bulk
from intake.core.decisions import Addendum, Decision, Disposition
from intake.core.errors import StateError
from intake.core.rules import Triage
from intake.exports import ndjson
from intake.exports.fhir.case import definitions
from intake.exports.ndjson import CHECKPOINT, MANIFEST, Lines
from intake.storage import audit, cases, open_store
from intake.storage.trail_check import verdict_of
from tests.actions.conftest import actions_on, refused
from tests.actions.test_treat import Chair
from tests.conftest import KEYS, NOW, TODAY
from tests.exports.fhir.checks import INSTANT, empties, references
from tests.packs.builders import edited

LATER = NOW + timedelta(hours=1)


@pytest.fixture(autouse=True)
def made_once(monkeypatch):
    """Make the definitions of a pack once: they are the same each time, and half of the work."""
    known = {}

    def make(pack, say):
        if pack.hash not in known:
            known[pack.hash] = definitions(pack, say)
        return known[pack.hash]

    monkeypatch.setattr(fhir_bulk, "definitions", make)


@pytest.fixture
def few(monkeypatch):
    """A few cases at a time are very few."""
    monkeypatch.setattr(fhir_bulk, "FEW", 3)


@pytest.fixture
def bulk(press):
    """Write the cases of a desk into a folder; returns what was told of progress."""

    def act(desk, folder, now=LATER, press=press, is_packed=False, **filters):
        told = []
        export_bulk(
            desk.store, press, folder, filters=ExportFilters(**filters), now=now,
            told=lambda *numbers: told.append(numbers), is_packed=is_packed,
        )  # fmt: skip
        return told

    return act


def lines_of(folder, kind):
    file = folder / f"{kind}.ndjson"
    return [json.loads(line) for line in file.read_bytes().split(b"\n")[:-1]]


def everything_in(folder):
    """Return every resource in a folder, by its kind."""
    return {file.stem: lines_of(folder, file.stem) for file in folder.glob("*.ndjson")}


def files_in(folder):
    finished = (file for file in folder.iterdir() if file.suffix in (".ndjson", ".gz"))
    return {file.name: file.read_bytes() for file in finished}


def unpacked(files):
    """Return files that were compressed as they were before."""
    return {name.removesuffix(".gz"): gzip.decompress(content) for name, content in files.items()}


def manifest_of(folder):
    return json.loads((folder / MANIFEST).read_text())


def as_in_files(bundle):
    """Return the resources of a bundle with references as files have them."""
    ones = [entry["resource"] for entry in bundle["entry"]]
    text = json.dumps(ones)
    for one in ones:
        text = text.replace(f"urn:uuid:{one['id']}", f"{one['resourceType']}/{one['id']}")
    return json.loads(text)


class TestTheFolder:
    @pytest.fixture
    def folder(self, busy, bulk, few, tmp_path):
        bulk(busy, tmp_path / "out")
        return tmp_path / "out"

    def test_names_nothing_that_is_not_in_it(self, folder):
        made = everything_in(folder)

        known = {f"{kind}/{one['id']}" for kind, ones in made.items() for one in ones}
        assert {found for ones in made.values() for found in references(ones)} <= known

    def test_holds_nothing_twice(self, folder):
        for kind, ones in everything_in(folder).items():
            assert {one["resourceType"] for one in ones} == {kind}
            assert len({one["id"] for one in ones}) == len(ones)

    def test_holds_each_case_and_what_cases_share_once(self, folder):
        counts = {kind: len(ones) for kind, ones in everything_in(folder).items()}

        assert counts["QuestionnaireResponse"] == 14
        assert counts["Patient"] == 13  # one of them amended a form
        shared = ("Organization", "Device", "Questionnaire", "PlanDefinition", "Practitioner")
        assert [counts[kind] for kind in shared] == [1, 1, 1, 1, 1]

    def test_has_a_resource_a_line_and_no_blank_one(self, folder):
        for content in files_in(folder).values():
            assert content.endswith(b"\n")
            assert b"\n\n" not in content
            assert b"\r" not in content
            content.decode("utf-8")

    def test_holds_nothing_empty(self, folder):
        assert empties(everything_in(folder)) == []

    def test_is_for_its_owner_alone(self, folder):
        assert folder.stat().st_mode & 0o777 == 0o700
        assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}

    def test_holds_nothing_beside_its_files_and_the_manifest(self, folder):
        assert {file.name for file in folder.iterdir()} == {*files_in(folder), MANIFEST}

    def test_says_in_the_manifest_what_it_holds(self, folder, busy):
        made = manifest_of(folder)

        counts = {one["type"]: one["count"] for one in made["output"]}
        assert counts == {kind: len(ones) for kind, ones in everything_in(folder).items()}
        assert [one["url"] for one in made["output"]] == [f"{kind}.ndjson" for kind in counts]
        assert made["transactionTime"] == "2026-06-15T10:30:00.000Z"
        assert made["requiresAccessToken"] is False
        assert made["error"] == []
        (about,) = made["extension"].values()
        assert about["cases"] == 14
        assert about["packs"][0]["hash"] == busy.pack.hash
        assert about["trail"]["count"] == audit.latest(busy.store, 1)[0].sequence

    def test_says_what_each_file_is_to_be_checked_by(self, folder):
        for one in manifest_of(folder)["output"]:
            (about,) = one["extension"].values()
            content = (folder / one["url"]).read_bytes()
            assert about == {"bytes": len(content), "sha256": sha256(content).hexdigest()}

    def test_holds_of_each_case_what_its_bundle_holds(self, folder, busy, press):
        same_as_bundles(folder, busy, press)


def same_as_bundles(folder, desk, press):
    """See that a folder holds what the bundles of all cases hold, and nothing else."""
    made = {(k, one["id"]): one for k, ones in everything_in(folder).items() for one in ones}
    seen = set()
    for row in desk.store.rows("SELECT id FROM responses"):
        bundle = bundle_of(
            desk.store, press, response_id=row["id"], kind=Bundle.COLLECTION, by=None, now=LATER
        )
        for one in as_in_files(bundle):
            seen.add((one["resourceType"], one["id"]))
            assert made[one["resourceType"], one["id"]] == one
    assert seen == set(made)


def test_whoever_wrote_at_the_chair_or_after_it_is_there(desk, bulk, press, tmp_path):
    chair = Chair(desk)
    session = chair.treated()
    chair.note(session, next(iter(desk.pack.guide.reactions)).id, by=desk.people.ben)

    bulk(desk, tmp_path / "out")

    names = {one["name"][0]["text"] for one in lines_of(tmp_path / "out", "Practitioner")}
    assert names == {"Ada Practitioner", "Ben Dermatologist"}
    same_as_bundles(tmp_path / "out", desk, press)


def test_whoever_added_words_is_there_whatever_the_trail_says(desk, bulk, press, tmp_path):
    sent, cleo = desk.sent(), desk.people.cleo
    with desk.store.write() as db:
        cases.add_addendum(db, Addendum("one", sent.id, "She rang.", cleo.id, cleo.name, NOW))

    bulk(desk, tmp_path / "out")

    names = {one["name"][0]["text"] for one in lines_of(tmp_path / "out", "Practitioner")}
    assert cleo.name in names
    same_as_bundles(tmp_path / "out", desk, press)


def test_a_patient_of_several_forms_speaks_the_languages_of_all(desk, bulk, few, tmp_path):
    spanish = choose_language(desk.store, desk.begin(now=LATER), "es", now=LATER)
    desk.send(desk.fill(spanish, now=LATER), now=LATER)
    desk.sent(now=NOW)

    bulk(desk, tmp_path / "out")

    (patient,) = lines_of(tmp_path / "out", "Patient")
    codes = [one["language"]["coding"][0]["code"] for one in patient["communication"]]
    assert codes == ["en", "es"]


def test_a_second_export_is_the_same_apart_from_times(busy, bulk, tmp_path):
    bulk(busy, tmp_path / "first")

    bulk(busy, tmp_path / "second", now=LATER + timedelta(minutes=5))

    first, second = files_in(tmp_path / "first"), files_in(tmp_path / "second")
    assert first.keys() == second.keys()
    for name, content in first.items():
        same = (INSTANT.sub("then", one.decode()) for one in (content, second[name]))
        assert len(set(same)) == 1


def test_only_what_is_asked_for_goes_out(busy, bulk, tmp_path):
    bulk(busy, tmp_path / "out", triage=frozenset({Triage.STOP}), until=TODAY)

    made = everything_in(tmp_path / "out")
    assert {one["name"][0]["text"] for one in made["Patient"]} == {
        "Stella Stop", "Siri Stopped-Longer",
    }  # fmt: skip
    asked = parse_qs(urlsplit(manifest_of(tmp_path / "out")["request"]).query)
    assert asked == {
        "_outputFormat": ["application/fhir+ndjson"], "triage": ["stop"], "until": ["2026-06-15"],
    }  # fmt: skip


def test_of_no_case_there_is_a_manifest_alone(busy, bulk, tmp_path):
    bulk(busy, tmp_path / "out", since=date(2999, 1, 1))

    assert manifest_of(tmp_path / "out")["output"] == []
    assert files_in(tmp_path / "out") == {}


def test_it_tells_how_far_it_has_come(busy, bulk, few, tmp_path):
    told = bulk(busy, tmp_path / "out")

    assert told == [(n, 14) for n in (0, 3, 6, 9, 12, 14)]


class TestWhatIsWrittenDown:
    def test_is_that_it_went_out_and_each_case_once(self, busy, bulk, few, tmp_path):
        bulk(busy, tmp_path / "out")

        (line,) = [e for e in audit.latest(busy.store) if e.action == "records exported"]
        assert (line.actor, line.at) == ("command line", LATER)
        assert line.detail["shape"] == "fhir"
        assert line.detail["form"] == "ndjson"
        assert line.detail["cases"] == 14
        for row in busy.store.rows("SELECT id FROM responses"):
            assert actions_on(busy.store, row["id"]).count("case exported") == 1
        assert verdict_of(busy.store).faults == ()

    def test_is_that_private_answers_went_out(self, busy, bulk, tmp_path):
        private = busy.pack.questionnaire.private

        bulk(busy, tmp_path / "out")

        for row in busy.store.rows("SELECT id FROM responses"):
            has_private = bool(private & busy.case(row["id"]).response.answers.keys())
            assert actions_on(busy.store, row["id"]).count("private answers read") == has_private

    def test_stands_there_before_a_case_is_in_a_file(self, busy, bulk, few, tmp_path, monkeypatch):
        append, noted = Lines.append, []

        def watching(lines, name, content, size):
            if name == "QuestionnaireResponse.ndjson":
                ids = {
                    line["identifier"]["value"] for line in map(json.loads, content.splitlines())
                }
                noted.extend("case exported" in actions_on(busy.store, id_) for id_ in ids)
            return append(lines, name, content, size)

        monkeypatch.setattr(Lines, "append", watching)

        bulk(busy, tmp_path / "out")

        assert noted == [True] * 14

    def test_is_needed_for_it_to_go_out(self, desk, bulk, tmp_path, audit_down):
        with pytest.raises(Exception, match="the audit trail is full"):
            bulk(desk, tmp_path / "out")

        assert not (tmp_path / "out").exists()


def path_of(desk):
    return Path(desk.store.row("PRAGMA database_list")["file"])


@pytest.mark.of_files
def test_others_write_and_the_log_is_emptied_meanwhile(busy, press, few, tmp_path):
    emptied = []

    def meanwhile(done, of):
        with closing(open_store(path_of(busy), KEYS)) as other:
            with other.write() as db:
                audit.append(db, at=NOW, actor="test", action="something else", subject="-")
            checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)"
            emptied.append(other.connection.execute(checkpoint).fetchone()[0])

    export_bulk(
        busy.store, press, tmp_path / "out", filters=ExportFilters(), now=LATER, told=meanwhile
    )

    assert emptied == [0] * 6


class Killed(BaseException):
    """Stands for what no program can catch."""


class Kill:
    """Ends a run at one of the moments at which its files are about to change, or just did.

    Attributes:
        at: Which moment.
        is_over: The run came to its end before that.
    """

    def __init__(self, monkeypatch, at):
        self.at, self.moments = at, 0
        for name, change in (("append", self._append), ("keep", self._around("keep")),
                             ("finish", self._around("finish")), ("_put", self._around("_put")),
                             ("make", self._around("make"))):  # fmt: skip
            self._wrap(monkeypatch, name, change)

    def _wrap(self, monkeypatch, name, change):
        really = getattr(Lines, name)
        monkeypatch.setattr(Lines, name, lambda *args: change(really, *args))

    def moment(self):
        self.moments += 1
        if self.moments == self.at:
            raise Killed

    def _append(self, really, lines, name, content, size):
        """Die before it, in the middle of a line, or after it."""
        self.moment()
        try:
            self.moment()
        except Killed:
            really(lines, name, content[: len(content) // 2], size)
            raise
        grown = really(lines, name, content, size)
        self.moment()
        return grown

    def _around(self, _):
        def change(really, *args):
            self.moment()
            done = really(*args)
            self.moment()
            return done

        return change


@pytest.fixture
def quick(tiny, tiny_pack, press, monkeypatch):
    """A desk with five small cases of three patients, of which two go out at a time."""
    for name in ("Ana", "Ana", "Bo", "Bo", "Cy"):
        tiny.sent("healthy", name=name)
    monkeypatch.setattr(fhir_bulk, "FEW", 2)
    monkeypatch.setattr(ndjson.os, "fsync", lambda _: None)  # nothing here cuts the power
    return tiny, replace(press, pack_of=lambda *_: tiny_pack)


def killed(desk, press, bulk, folder, at, **more):
    """Kill a run at some moment; returns None once it comes to its end before."""
    with pytest.MonkeyPatch.context() as patch:
        kill = Kill(patch, at)
        with suppress(Killed):
            bulk(desk, folder, press=press, **more)
            return None
    return kill


def test_killed_at_any_moment_it_goes_on_and_gives_the_same(quick, bulk, tmp_path):
    desk, press = quick
    bulk(desk, tmp_path / "whole", press=press)
    whole, at = files_in(tmp_path / "whole"), 1
    while killed(desk, press, bulk, folder := tmp_path / f"cut-{at}", at):
        if (
            CHECKPOINT in {one.name for one in folder.glob("*")}
            or not folder.exists()
            or not (folder / MANIFEST).exists()
        ):
            bulk(desk, folder, press=press)
        assert files_in(folder) == whole, at
        assert manifest_of(folder)["output"] == manifest_of(tmp_path / "whole")["output"]
        assert {one.name for one in folder.iterdir()} == {*whole, MANIFEST}
        at += 1

    assert at > 80


def test_compressed_it_holds_the_same_bytes(quick, bulk, tmp_path, monkeypatch):
    desk, press = quick
    monkeypatch.setattr(fhir_bulk, "FEW", 2)
    bulk(desk, tmp_path / "plain", press=press)

    bulk(desk, tmp_path / "packed", press=press, is_packed=True)

    packed, plain = files_in(tmp_path / "packed"), files_in(tmp_path / "plain")
    assert unpacked(packed) == plain
    made, whole = manifest_of(tmp_path / "packed"), manifest_of(tmp_path / "plain")
    assert [(one["type"], one["count"]) for one in made["output"]] == [
        (one["type"], one["count"]) for one in whole["output"]
    ]
    for one in made["output"]:
        assert one["url"] == f"{one['type']}.ndjson.gz"
        (about,) = one["extension"].values()
        content = packed[one["url"]]
        assert about == {"bytes": len(content), "sha256": sha256(content).hexdigest()}


@pytest.mark.parametrize("number", [1, 3, 4, 5, 100])
def test_in_bites_of_any_size_it_is_the_same(quick, bulk, tmp_path, monkeypatch, number):
    desk, press = quick
    bulk(desk, tmp_path / "whole", press=press)

    monkeypatch.setattr(fhir_bulk, "FEW", number)
    bulk(desk, tmp_path / "out", press=press)

    assert files_in(tmp_path / "out") == files_in(tmp_path / "whole")


def test_each_form_and_its_rules_are_those_of_its_day(quick, bulk, tmp_path):
    desk, press = quick
    newer = edited(("questionnaire.yaml", "Have you ever had", "Did you ever have"))
    pack = rule_packs.activate(desk.store, newer, actor="test", now=NOW)
    replace(desk, pack=pack).sent("healthy", name="Di")
    both = {one.hash: one for one in (desk.pack, pack)}

    bulk(desk, tmp_path / "out", press=replace(press, pack_of=lambda hash_, _: both[hash_]))

    forms = {
        f"{one['url']}|{one['version']}" for one in lines_of(tmp_path / "out", "Questionnaire")
    }
    named = [one["questionnaire"] for one in lines_of(tmp_path / "out", "QuestionnaireResponse")]
    assert set(named) == forms
    assert sorted(map(named.count, forms)) == [1, 5]
    (about,) = manifest_of(tmp_path / "out")["extension"].values()
    assert {one["hash"] for one in about["packs"]} == set(both)


@pytest.mark.parametrize("each", [60, 75])
def test_killed_again_and_again_it_gives_the_same(quick, bulk, tmp_path, each):
    desk, press = quick
    bulk(desk, tmp_path / "whole", press=press)
    folder, runs = tmp_path / "cut", 0
    while killed(desk, press, bulk, folder, each, now=LATER + timedelta(minutes=runs)):
        runs += 1

    assert runs
    assert files_in(folder) == files_in(tmp_path / "whole")
    made, whole = manifest_of(folder), manifest_of(tmp_path / "whole")
    assert made["transactionTime"] == whole["transactionTime"]


class TestCutOff:
    @pytest.fixture
    def cut(self, busy, press, few, tmp_path):
        """A folder in which an export was cut off after nine cases; returns it."""
        folder = tmp_path / "cut"

        def act(now=LATER, is_packed=False, **filters):
            def stop(done, _):
                if done == 9:
                    raise Killed

            with pytest.raises(Killed):
                export_bulk(
                    busy.store, press, folder, filters=ExportFilters(**filters), now=now,
                    told=stop, is_packed=is_packed,
                )  # fmt: skip
            return folder

        return act

    def test_no_file_has_its_name_before_all_are_finished(self, cut):
        folder = cut()

        assert files_in(folder) == {}
        assert CHECKPOINT in {one.name for one in folder.iterdir()}

    def test_each_run_says_that_it_goes_on(self, busy, bulk, cut):
        folder = cut()

        told = bulk(busy, folder)

        lines = [e for e in audit.latest(busy.store) if e.action == "records exported"]
        assert [line.detail["done"] for line in lines] == [9, 0]
        assert told[0] == (9, 14)

    @pytest.mark.parametrize(
        ("changed", "said"),
        [
            ({"since": date(2026, 6, 1)}, "--since: none then, 2026-06-01 now"),
            ({"triage": frozenset({Triage.STOP})}, "--triage: none then, stop now"),
            ({"is_packed": True}, "--gzip: none then, asked for now"),
        ],
    )
    def test_of_other_cases_it_does_not_go_on(self, busy, bulk, cut, changed, said):
        folder = cut()

        error = refused(busy.store, StateError, lambda: bulk(busy, folder, **changed))

        assert said in str(error)
        assert "Run the command as it was, or remove that folder" in str(error)

    def test_with_another_version_it_does_not_go_on(self, busy, bulk, cut, press):
        folder = cut()
        newer = replace(press, version="1")

        error = refused(busy.store, StateError, lambda: bulk(busy, folder, press=newer))

        assert "version of the program: 0 then, 1 now" in str(error)

    def test_under_other_rules_it_does_not_go_on(self, busy, bulk, cut, monkeypatch):
        folder = cut()
        monkeypatch.setattr(fhir_bulk, "hash_in_force", lambda _: "another")

        error = refused(busy.store, StateError, lambda: bulk(busy, folder))

        assert "rules in force" in str(error)

    def test_in_an_older_copy_of_the_clinic_it_does_not_go_on(
        self, busy, bulk, busy_bytes, few, cut, tmp_path
    ):
        busy.sent(name="Nora New")
        folder = cut()
        (tmp_path / "older.db").write_bytes(busy_bytes)

        with closing(open_store(tmp_path / "older.db", KEYS)) as older:
            busy_older = type(busy)(older, busy.pack, busy.vignettes, busy.people)
            error = refused(older, StateError, lambda: bulk(busy_older, folder))

        assert "an older copy" in str(error)

    def test_a_file_that_somebody_shortened_is_seen(self, busy, bulk, cut):
        folder = cut()
        (folder / "Patient.ndjson.part").write_bytes(b"{}\n")

        error = refused(busy.store, StateError, lambda: bulk(busy, folder))

        assert "Patient.ndjson.part' is not as this export left it" in str(error)

    def test_a_compressed_file_that_somebody_changed_is_seen(self, busy, bulk, cut):
        folder = cut(is_packed=True)
        file = folder / "Patient.ndjson.gz.part"
        content = bytearray(file.read_bytes())
        content[20] ^= 0xFF  # behind the header of the first member, in what it holds
        file.write_bytes(content)

        with pytest.raises(StateError, match=r"Patient\.ndjson\.gz\.part' is not as this export"):
            bulk(busy, folder, is_packed=True)

        assert not (folder / MANIFEST).exists()

    @pytest.mark.parametrize("content", ["{", "{}", "[1]", '{"asked": {}, "begun_at": 3}'])
    def test_a_checkpoint_that_cannot_be_read_is_said(self, busy, bulk, cut, content):
        folder = cut()
        (folder / CHECKPOINT).write_text(content)

        error = refused(busy.store, StateError, lambda: bulk(busy, folder))

        assert "cannot be read" in str(error)

    def test_a_case_that_changes_is_as_it_is_when_it_is_reached(self, busy, bulk, cut):
        folder = cut()
        done = {one["id"] for one in part_of(folder, "QuestionnaireResponse")}
        for row in busy.store.rows("SELECT id FROM responses WHERE status = 'completed'"):
            case = busy.case(row["id"])
            if case.reviews == () and case.superseded_by is None:
                busy.decide(
                    row["id"], Decision(Disposition.REFER, "Look."), now=LATER + timedelta(hours=1)
                )

        bulk(busy, folder, now=LATER + timedelta(hours=2))

        new = [
            one["investigation"][0]["item"][0]["reference"].partition("/")[2]
            for one in lines_of(folder, "ClinicalImpression")
            if one["summary"].endswith("Look.")
        ]
        assert new
        assert not done & set(new)
        known = {f"{k}/{one['id']}" for k, ones in everything_in(folder).items() for one in ones}
        assert set(references(everything_in(folder))) <= known

    def test_a_case_that_was_begun_later_is_left_out(self, busy, bulk, cut):
        folder = cut()
        busy.sent(name="Nora New", now=LATER + timedelta(hours=1))

        bulk(busy, folder, now=LATER + timedelta(hours=2))

        assert len(lines_of(folder, "QuestionnaireResponse")) == 14

    def erase(self, busy, patient_id):
        row = busy.store.row("SELECT * FROM patients WHERE id = ?", [patient_id])
        retention.erase_patient(
            busy.store, record_number=row["record_number"],
            born=date.fromisoformat(row["birth_date"]), reason="Asked.", by="command line",
            now=LATER,
        )  # fmt: skip

    def place(self, folder):
        return json.loads((folder / CHECKPOINT).read_text())["place"][0]

    def test_a_case_erased_before_it_is_reached_is_left_out(self, busy, bulk, cut):
        folder = cut()
        waiting = busy.store.row(
            "SELECT max(patient_id) AS id FROM responses WHERE patient_id > ?", [self.place(folder)]
        )
        self.erase(busy, waiting["id"])

        bulk(busy, folder)

        assert len(lines_of(folder, "QuestionnaireResponse")) < 14

    @pytest.mark.parametrize("is_packed", [False, True])
    def test_a_case_erased_once_it_is_in_a_file_does_not_leave(self, busy, bulk, cut, is_packed):
        folder = cut(is_packed=is_packed)
        self.erase(busy, self.place(folder))

        error = refused(busy.store, StateError, lambda: bulk(busy, folder, is_packed=is_packed))

        assert "was erased since the export was begun. Remove that folder" in str(error)
        assert not (folder / MANIFEST).exists()

    def test_a_case_erased_before_it_is_finished_does_not_leave(self, busy, press, few, tmp_path):
        def erasing(done, of):
            if done == of:
                self.erase(busy, self.place(tmp_path / "out"))

        with pytest.raises(StateError, match="was erased"):
            export_bulk(
                busy.store, press, tmp_path / "out", filters=ExportFilters(), now=LATER,
                told=erasing,
            )  # fmt: skip

        assert files_in(tmp_path / "out") == {}


def part_of(folder, kind):
    lines = (folder / f"{kind}.ndjson.part").read_bytes().splitlines()
    return [json.loads(line) for line in lines]


def test_two_runs_in_one_folder_do_not_mix(busy, bulk, press, few, tmp_path):
    folder = tmp_path / "out"

    def meanwhile(done, _):
        if done == 6:
            bulk(busy, folder)

    with pytest.raises(StateError, match="another run writes into the same folder"):
        export_bulk(busy.store, press, folder, filters=ExportFilters(), now=LATER, told=meanwhile)

    bulk(busy, tmp_path / "whole")
    assert files_in(folder) == files_in(tmp_path / "whole")


@pytest.mark.parametrize("name", ["notes.txt", "Patient.ndjson", MANIFEST])
def test_a_folder_that_holds_something_else_is_left_alone(busy, bulk, tmp_path, name):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / name).write_text("mine")

    refused(busy.store, StateError, lambda: bulk(busy, tmp_path / "out"))

    assert [one.read_text() for one in (tmp_path / "out").iterdir()] == ["mine"]


def test_a_disk_that_refuses_is_said_and_what_is_there_counts(
    busy, bulk, few, tmp_path, monkeypatch
):
    full, left = OSError(errno.ENOSPC, "No space left on device"), iter(range(40))

    def fsync(_):
        if next(left, None) is None:
            raise full

    monkeypatch.setattr(ndjson.os, "fsync", fsync)
    with pytest.raises(StateError, match=r"No space left.*run the same command again"):
        bulk(busy, tmp_path / "out")
    monkeypatch.undo()

    told = bulk(busy, tmp_path / "out")

    assert told[0][0] > 0
    assert len(lines_of(tmp_path / "out", "QuestionnaireResponse")) == 14
