"""Tables without names: nothing typed, nobody named, nothing of few; all the rest still fits."""

import csv
import io
import json
import sqlite3
from collections import defaultdict
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta

import pytest
from pyarrow import parquet

from intake.actions import accounts, answer, begin, rule_packs
from intake.actions.bare_rows import columns_of, is_kept
from intake.actions.deidentified import Deidentified, Manner
from intake.actions.dictionary import TABLES, bare_dictionary
from intake.actions.export import SHAPES, Asked, ExportFilters, export_table
from intake.actions.export_files import FOLDER_FORMS, beside, write_folder
from intake.actions.export_sqlite import write_sqlite
from intake.actions.export_types import typed
from intake.actions.rule_packs import hash_in_force, kept_pack
from intake.actions.treatments import (
    MARK,
    RENAMED,
    SUPPRESSED,
    TREATMENTS,
    Treatment,
    treatment_of,
)
from intake.core.bare_answers import Dates
from intake.core.decisions import Decision, Disposition
from intake.core.errors import AnswerError, NotAllowedError
from intake.storage import audit, listing, open_store
from intake.storage.copies import copy_to
from tests.actions.conftest import Desk, actions_on
from tests.actions.crowd import PLANTED, fill
from tests.conftest import KEYS, NOW, TODAY, People
from tests.packs.builders import edited

LEAST = 5
DAY = timedelta(days=1)
QUASI = ("age", "site", "language", "begun_at", "submitted_at")
IDS = ("patient", "response_id", "session_id")


@pytest.fixture(scope="module")
def crowd_file(tmp_path_factory, clinic_template, shipped_files):
    """Six patients treated, six who only sent their form, one who is filling hers."""
    folder = tmp_path_factory.mktemp("crowd")
    (folder / "clinic.db").write_bytes(clinic_template[0].read_bytes())
    with closing(open_store(folder / "clinic.db", KEYS)) as store:
        fill(store, _people(store), shipped_files, treated=6, others=6)
        copy_to(store, folder / "copy.db")
    return folder / "copy.db"


def _people(store):
    known = {who.username: who for who in accounts.list_accounts(store)}
    return People(known["ada"], known["ben"], known["cleo"], {})


@pytest.fixture
def crowd(tmp_path, crowd_file, put_clinic):
    place = put_clinic(tmp_path / "crowd.db", crowd_file.read_bytes())
    with closing(open_store(place, KEYS)) as store:
        yield Desk(store, None, {}, _people(store))


def made(desk, dates=Dates.YEAR, least=LEAST, by=None, **filters):
    asked = Asked.of(ExportFilters(**filters), by, NOW)
    return Deidentified(desk.store, asked, Manner(dates, least), TODAY)


@pytest.fixture(params=Dates)
def dates(request):
    return request.param


def tables(desk, dates=Dates.YEAR, least=LEAST, form="csv"):
    """Every table of one export, as rows."""
    export = made(desk, dates, least)
    return {shape: list(table.rows) for shape, table in export.tables(SHAPES, form)}


# Deny by default


def test_every_column_of_every_table_has_a_treatment():
    assert {shape: set(columns) for shape, columns in TABLES.items()} == {
        shape: set(treatments) for shape, treatments in TREATMENTS.items()
    }


def test_a_column_that_nobody_told_of_is_left_out(crowd, monkeypatch):
    told = dict(TREATMENTS["cases"])
    del told["status"]
    monkeypatch.setitem(TREATMENTS, "cases", told)

    rows = tables(crowd)["cases"]

    assert treatment_of("cases", "status") is Treatment.LEFT_OUT
    assert "status" not in columns_of("cases", Dates.YEAR, typed(TABLES["cases"]))
    assert not any("status" in row for row in rows)


def test_a_list_of_which_nobody_knows_the_parts_is_held_back(crowd, monkeypatch):
    monkeypatch.setitem(TREATMENTS["decisions"], "note", Treatment.LIST)

    rows = tables(crowd)["decisions"]

    assert {row["note"] for row in rows} == {MARK}


# Nothing that was typed, and nobody's name


def secrets_of(store):
    """Everything that must not be found: ids, numbers, names, dates, and the planted words."""
    ids = ("patients", "id"), ("patients", "record_number"), ("patients", "name")
    ids += ("responses", "id"), ("responses", "receipt"), ("treatment_sessions", "id")
    ids += ("practitioners", "name"), ("practitioners", "id"), ("packs", "hash"), ("sites", "name")
    ids += ("patients", "birth_date"), ("screenings", "id"), ("reviews", "id")
    found = {
        str(row["x"])
        for table, column in ids
        for row in store.rows(f"SELECT {column} AS x FROM {table}")  # noqa: S608 - ours
        if row["x"]
    }
    return {*found, PLANTED, "1988-03", "2026-06", "Visited", "12 March 1988"}


def written_forms(desk, folder, dates):
    """Write every form of every table, with what lies beside it; yields the bytes of each."""
    pack = _pack(desk)
    for form in FOLDER_FORMS:
        export = made(desk, dates)
        out = folder / f"{form}-{dates}"
        everything = (*export.tables(SHAPES, form), *beside(pack, dates, LEAST))
        assert len(list(write_folder(out, form, everything))) == len(SHAPES) + 3
        for file in out.iterdir():
            yield file.name, file.read_bytes()
            if form == "parquet":
                yield file.name, repr(parquet.read_table(file).to_pydict()).encode()
    file = folder / f"{dates}.db"
    everything = (*made(desk, dates).tables(SHAPES, "sqlite"), *beside(pack, dates, LEAST))
    list(write_sqlite(file, everything))
    yield file.name, file.read_bytes()


def _pack(desk):
    return kept_pack(desk.store, hash_in_force(desk.store), TODAY)


def test_nothing_that_was_typed_and_nobody_is_in_any_byte_of_any_form(crowd, tmp_path, dates):
    secrets = secrets_of(crowd.store)
    plain = "".join(
        line
        for shape in SHAPES
        for line in export_table(
            crowd.store, shape=shape, form="jsonl", filters=ExportFilters(), by=None, now=NOW,
            today=TODAY,
        )
    )  # fmt: skip

    found = {
        (name, secret)
        for name, content in written_forms(crowd, tmp_path, dates)
        for secret in secrets
        if secret.encode() in content
    }

    assert len([one for one in secrets if one in plain]) > 50
    assert plain.count(PLANTED) > 100
    assert found == set()


def test_who_did_it_is_one_pseudonym_wherever_they_did_it(crowd):
    rows = tables(crowd, least=2)

    deciders = {row["decided_by"] for row in rows["decisions"]} - {MARK}
    assert len(deciders) == 2
    assert {row["treated_by"] for row in rows["sessions"]} <= deciders


def test_of_what_was_typed_about_a_session_it_is_told_whether_there_is_any(crowd):
    rows = tables(crowd, least=2)["sessions"]

    assert {row["unexpected"] for row in rows} == {"yes", "no"}
    assert {(r["differed"], r["anaesthetic"], r["medium"]) for r in rows} == {
        ("yes", "yes", "sterile_gel")
    }
    assert {row["areas"] for row in rows} == {"face; neck"}


# Columns and ids


def test_columns_are_in_their_order_and_keep_their_names(dates):
    for shape, plain in TABLES.items():
        kept = [RENAMED.get(treatment_of(shape, c), c) for c in plain if is_kept(shape, c, dates)]

        assert list(columns_of(shape, dates, typed(plain))) == [*kept, SUPPRESSED]


def test_rows_have_those_columns_and_no_other(crowd, dates):
    for shape, rows in tables(crowd, dates).items():
        columns = set(columns_of(shape, dates, typed(TABLES[shape])))

        assert all(set(row) == columns for row in rows), shape


def test_tables_of_one_export_join(crowd):
    rows = tables(crowd)

    whose = {row["response_id"]: row["patient"] for row in rows["cases"]}
    assert len(whose) == 12
    for shape in SHAPES:
        assert rows[shape]
        assert {(r["response_id"], r["patient"]) for r in rows[shape]} <= set(whose.items())


def test_two_exports_have_nothing_in_common(crowd):
    one, other = tables(crowd)["sessions"], tables(crowd)["sessions"]

    for column in IDS:
        assert not {row[column] for row in one} & {row[column] for row in other}


def test_the_order_says_nothing_about_the_queue(crowd):
    queue = {id_: n for n, id_ in enumerate(listing.ids_of(crowd.store, listing.Selection()))}
    orders = []
    for _ in range(3):
        export = made(crowd)
        orders.append([queue[id_] for id_ in export._ids])

    assert sorted(orders[0]) == sorted(orders[1])
    assert not orders[0] == orders[1] == orders[2]


def test_only_forms_that_were_sent_are_in_it(crowd):
    assert len(tables(crowd)["cases"]) == 12
    assert crowd.store.row("SELECT count(*) AS n FROM responses")["n"] == 13


# Dates


def test_days_between_dates_are_kept_and_the_same_in_all_tables(crowd):
    rows = tables(crowd, Dates.SHIFTED)
    plain = {
        json.loads(line)["response_id"]: json.loads(line)
        for line in export_table(
            crowd.store, shape="sessions", form="jsonl", filters=ExportFilters(), by=None,
            now=NOW, today=TODAY,
        )
    }  # fmt: skip

    begun = {row["response_id"]: row["begun_at"] for row in rows["cases"]}
    gaps = [row["treated_on"] - begun[row["response_id"]] for row in rows["sessions"]]
    answered = {row["answered_at"] - begun[row["response_id"]] for row in rows["answers"]}
    assert [gap.days for gap in gaps] == [0] * len(plain)
    assert {gap.days for gap in answered} == {0}
    assert len({row["begun_at"] for row in rows["cases"]}) > 6
    assert min(row["begun_at"] for row in rows["cases"]) > date(2100, 1, 1)


def test_years_are_years(crowd):
    rows = tables(crowd, Dates.YEAR)

    assert {row["begun_at"] for row in rows["cases"]} == {2026}
    assert {row["treated_on"] for row in rows["sessions"]} == {2026}


def test_without_dates_there_is_no_column_of_them(crowd):
    rows = tables(crowd, Dates.NONE)

    for shape in SHAPES:
        assert not {"begun_at", "treated_on", "decided_at", "answered_at"} & set(rows[shape][0])


# Small numbers


@pytest.mark.parametrize("least", [2, 3, 5, 7])
def test_every_combination_that_is_shown_enough_patients_have(crowd, least, dates):
    rows = tables(crowd, dates, least)["cases"]

    patients = defaultdict(set)
    for row in rows:
        patients[tuple(row.get(column) for column in QUASI[: 5 if dates is Dates.YEAR else 3])].add(
            row["patient"]
        )
    assert all(len(who) >= least for who in patients.values())


class TestOfWhomOthersKnowALittle:
    """Ten patients: every language, age and trait is common, and together they are rare."""

    @pytest.fixture
    def mixed(self, store, people):
        desk = self._desk(store, people)
        for n in range(10):
            old, spanish, tans = n >= 5, n in (0, 1, 5, 6, 7), n % 2 == 0
            self._sent(desk, n, "1961-05-05" if old else "1988-05-05", spanish, tans)
        return desk

    def _desk(self, store, people, more="            freshness: once\n"):
        skin = "          - id: cold_sore_ever"
        trait = (
            f"          - id: tans\n            ask: Do you tan?\n            type: yes_no\n{more}"
        )
        texts = edited(("questionnaire.yaml", skin, f"{trait}{skin}"))
        pack = rule_packs.activate(store, texts, actor="test", now=NOW)
        return Desk(store, pack, {}, people)

    def _sent(self, desk, n, born, spanish, tans):
        (usual,) = (one for one in desk.pack.vignettes if one.id == "healthy")
        said = {**usual.answers, "birth_date": born, "tans": "yes" if tans else "no"}
        desk = replace(desk, vignettes={"healthy": replace(usual, answers=said)})
        draft = desk.begin("healthy", name=f"Mia Mixed {n}")
        if spanish:
            draft = answer.choose_language(desk.store, draft, "es", now=NOW)
        desk.send(desk.fill(draft, "healthy"))

    def test_what_one_pack_asks_for_life_and_another_does_not_is_told_as_each_asks(
        self, store, people
    ):
        for n in range(4):
            desk = self._desk(store, people, "" if n % 2 else "            freshness: once\n")
            self._sent(desk, n, "1988-05-05", spanish=False, tans=True)

        rows = [r for r in tables(desk, least=2)["answers"] if r["stable_name"] == "tans"]

        assert [row["value"] for row in rows] == ["yes"] * 4

    def test_what_is_common_alone_and_rare_together_is_held_back(self, mixed):
        found = tables(mixed, least=5)

        told = {(row["age"], row["language"]) for row in found["cases"]}
        tans = {row["value"] for row in found["answers"] if row["stable_name"] == "tans"}
        assert told == {("20 to 39", MARK), ("60 to 79", MARK)}
        assert tans == {MARK}

    def test_with_enough_of_each_it_is_shown(self, mixed):
        found = tables(mixed, least=2)

        patients = defaultdict(set)
        tans = {r["patient"]: r["value"] for r in found["answers"] if r["stable_name"] == "tans"}
        for row in found["cases"]:
            seen = (row["age"], row["language"], row["site"], tans[row["patient"]])
            patients[seen].add(row["patient"])
        assert all(len(who) >= 2 for who in patients.values())
        assert len(patients) > 2
        assert {"yes", "no"} & set(tans.values())


@pytest.mark.parametrize("least", [2, 5, 7])
def test_every_value_that_is_shown_enough_patients_have_and_every_gap(crowd, least, dates):
    for shape, rows in tables(crowd, dates, least).items():
        values = defaultdict(set)
        for row in rows:
            for key, value in _values(shape, row):
                values[key, value].add(row["patient"])

        few = [key for key, who in values.items() if len(who) < least]
        assert few == [], shape


def _values(shape, row):
    """Yield what stands in the cells of a row, by what it is counted among."""
    about = (row["stable_name"],) if shape == "answers" else ()
    about = (row["rule"], row["met"]) if shape == "findings" else about
    for column, cell in row.items():
        if column in IDS or column == SUPPRESSED or isinstance(cell, date):
            continue
        if isinstance(cell, str) and cell[:1] in ("[", "{") and cell != MARK:
            yield from _nested(about, column, json.loads(cell))
        elif column in ("findings", "could_not_be_ruled_out", "overridden", "acknowledged"):
            yield from (((*about, column), one) for one in cell.split("; "))
        elif not (isinstance(cell, str) and cell[:2] in ("21", "22")):  # days that were moved
            yield (*about, column), cell


def _nested(about, column, found):
    pairs = found.items() if isinstance(found, dict) else [("", found)]
    for label, said in pairs:
        for one in said if isinstance(said, list) else [said]:
            yield (*about, column, label), one


def test_what_is_held_back_differs_from_what_was_not_said(crowd):
    rows = tables(crowd, least=7)["cases"]

    decided = {(row["disposition"], is_held(row, "disposition")) for row in rows}
    helped = {(row["helper"], is_held(row, "helper")) for row in rows}
    assert decided == {(MARK, True)}
    assert helped == {(None, False)}


def is_held(row, column):
    return column in row[SUPPRESSED].split("; ")


def test_a_rare_answer_is_marked_and_its_question_stays(crowd):
    rows = tables(crowd, least=12)["answers"]

    wishes = {row["value"] for row in rows if row["stable_name"] == "wish"}
    spots = {row["value"] for row in rows if row["stable_name"] == "marked_spot"}
    medicines = {row["value"] for row in rows if row["stable_name"] == "medicines"}
    assert wishes == {"written"}
    assert spots == {'["nose"]'}
    assert medicines == {'["paracetamol", "not_understood"]'}


def test_a_table_of_few_patients_is_empty(crowd):
    rows = tables(crowd, least=7)

    assert len(rows["cases"]) == 12
    assert rows["sessions"] == []


def test_fewer_patients_than_that_are_refused_and_nothing_is_written_down(crowd):
    with pytest.raises(AnswerError, match="fewer than 13 patients"):
        made(crowd, least=13)

    assert audit.latest(crowd.store)[0].action != "records exported"


def test_no_patient_at_all_is_an_empty_table(crowd):
    export = made(crowd, since=date(2030, 1, 1))

    assert [list(table.rows) for _, table in export.tables(SHAPES, "csv")] == [[]] * len(SHAPES)


def born(desk, day, *, name, times=(NOW,)):
    """Have a patient of this birth date send a form at each of some times."""
    patient = desk.register(name, day)
    for at in times:
        begun = begin.begin(
            desk.store, desk.pack, patient_id=patient.id, plan=desk.vignettes["healthy"].plan,
            by=desk.people.ada, now=at, today=TODAY,
        )  # fmt: skip
        desk.send(desk.fill(begun, "healthy", now=at), now=at)


def test_one_more_patient_who_is_like_nobody_changes_what_is_shown_of_others(tiny):
    for n in range(5):
        tiny.sent("healthy", name=f"Alike {n}")
    born(tiny, date(1930, 1, 1), name="Old Olga")

    rows = tables(tiny, least=5)["cases"]

    assert len(rows) == 6
    assert {row["age"] for row in rows} == {MARK}


@pytest.mark.parametrize("dates", Dates)
def test_who_turns_ninety_before_the_last_day_is_of_the_oldest_from_the_first(tiny, dates):
    for n in range(6):
        later = NOW + 700 * DAY
        born(tiny, date(1937, 1, 1), name=f"Olga {n}", times=(NOW, later))

    asked = Asked.of(ExportFilters(), None, NOW + 700 * DAY)
    table = Deidentified(tiny.store, asked, Manner(dates, least=5), (NOW + 700 * DAY).date()).table(
        "cases", "jsonl"
    )

    assert {row["age"] for row in table.rows} == {"90+"}


def test_what_was_decided_of_few_cannot_be_told_from_where_they_stand(tiny):
    going_ahead = [tiny.sent("healthy", name=f"Ahead {n}").id for n in range(6)]
    for n in range(5):
        tiny.sent("healthy", name=f"Waiting {n}")
    for id_ in going_ahead:
        tiny.decide(id_, Decision(Disposition.PROCEED))
    no = tiny.sent("healthy", name="Nora No")
    tiny.decide(no.id, Decision(Disposition.DO_NOT_TREAT, "No."))

    rows = tables(tiny, least=5)["cases"]

    held = [row for row in rows if row["disposition"] == MARK]
    assert len(held) >= 5
    linked = ("status", "disposition", "deferred_until", "decided_by", "decided_at")
    assert {tuple(row[name] for name in linked) for row in held} == {(MARK,) * 5}


def test_a_severity_that_few_have_is_not_told_by_what_was_found(tiny):
    for n in range(6):
        tiny.sent("healthy", name=f"Routine {n}")
    for n in range(7):
        tiny.sent("thirteen-days", name=f"Deferred {n}")
    tiny.sent("child", name="Stella Stop")

    rows = tables(tiny, least=5)["cases"]

    held = [row for row in rows if row["triage"] == MARK]
    assert len(held) >= 5
    linked = ("findings", "could_not_be_ruled_out", "earliest_safe_date", "unknown_answers")
    assert {tuple(row[name] for name in linked) for row in held} == {(MARK,) * 4}


@pytest.mark.parametrize("shape", ["answers", "findings"])
def test_a_row_that_few_lack_is_there_for_nobody(tiny, shape):
    for n in range(11):
        tiny.sent("thirteen-days", name=f"Alike {n}")
    tiny.sent("healthy", name="Una Alone")

    rows = tables(tiny, least=5)[shape]

    about = {"answers": "stable_name", "findings": "rule"}[shape]
    who = defaultdict(set)
    for row in rows:
        who[row[about]].add(row["patient"])
    assert {len(patients) for patients in who.values()} <= {12}


def test_a_field_of_the_plan_is_there_whether_or_not_it_was_filled(tiny):
    for n in range(6):
        tiny.sent("healthy", name=f"Alike {n}")
    patient = tiny.register("Una Alone", date(1988, 3, 12))
    begun = begin.begin(
        tiny.store, tiny.pack, patient_id=patient.id, plan={}, by=tiny.people.ada, now=NOW,
        today=TODAY,
    )  # fmt: skip
    tiny.send(tiny.fill(begun, "healthy"))

    plans = [json.loads(row["plan"]) for row in tables(tiny, least=5)["cases"]]

    assert len(plans) == 7
    assert {tuple(plan) for plan in plans} == {("area", "device")}


def test_no_moved_day_is_told_of_what_is_known_by_month_or_year(crowd):
    for rows in tables(crowd, Dates.SHIFTED, least=2).values():
        for row in rows:
            derived = {"earliest_safe_date", "deferred_until", "until", "next_from"}
            assert not derived & row.keys()
            assert " to 2" not in str(row)


def test_findings_are_in_an_order_that_tells_nothing_of_what_is_held_back(crowd):
    rules = defaultdict(list)
    for row in tables(crowd, least=2)["findings"]:
        rules[row["response_id"]].append((row["rule"], row["met"]))

    assert rules
    assert all(found == sorted(found, key=lambda one: one[0]) for found in rules.values())


def test_answers_are_in_an_order_that_tells_nothing_of_when_they_were_given(crowd):
    forms = defaultdict(list)
    for row in tables(crowd, least=2)["answers"]:
        forms[row["response_id"]].append(row["stable_name"])

    assert forms
    assert all(found == sorted(found) for found in forms.values())


def test_parts_of_a_cell_are_in_an_order_that_tells_nothing(crowd):
    cells = [row["findings"] or "" for row in tables(crowd, least=2)["cases"]]
    found = [[one for one in cell.split("; ") if one != MARK] for cell in cells]

    assert any(len(parts) > 1 for parts in found)
    assert all(parts == sorted(parts) for parts in found)


def test_an_option_that_few_lack_is_not_told(tiny):
    for n in range(12):
        tiny.sent("healthy", name=f"Alike {n}")
    patient = tiny.register("Una Alone", date(1988, 3, 12))
    begun = begin.begin(
        tiny.store, tiny.pack, patient_id=patient.id, plan={"area": ["arms"], "device": "generic"},
        by=tiny.people.ada, now=NOW, today=TODAY,
    )  # fmt: skip
    tiny.send(tiny.fill(begun, "healthy"))

    plans = {row["plan"] for row in tables(tiny, least=5)["cases"]}

    assert len(plans) == 1


def test_who_did_it_is_not_told_where_the_site_is_not(crowd):
    rows = [row for row in tables(crowd, least=7)["cases"] if row["site"] == MARK]

    assert {row["decided_by"] for row in rows} <= {MARK, None}


# Files


def test_a_gap_is_empty_in_typed_columns_and_named_beside(crowd):
    typed_rows = tables(crowd, Dates.YEAR, 7, "parquet")["cases"]

    assert {row["decided_at"] for row in typed_rows} == {None}
    assert all(is_held(row, "decided_at") for row in typed_rows)
    assert {row["disposition"] for row in typed_rows} == {MARK}


def test_csv_and_json_lines_hold_no_formula_and_the_same_rows(crowd, tmp_path):
    export = made(crowd)
    list(write_folder(tmp_path / "t", "csv", export.tables(SHAPES, "csv")))

    for shape in SHAPES:
        text = (tmp_path / "t" / f"{shape}.csv").read_text("utf-8-sig")
        cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_in_sqlite_the_tables_hang_together(crowd, tmp_path):
    file = tmp_path / "bare.db"
    everything = (*made(crowd).tables(SHAPES, "sqlite"), *beside(_pack(crowd), Dates.YEAR, LEAST))

    counts = dict(write_sqlite(file, everything))

    assert set(counts) == {*SHAPES, "dictionary", "safe_harbor", "about"}
    assert counts["safe_harbor"] == 18
    with closing(sqlite3.connect(file)) as db:
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []


def test_the_dictionary_tells_of_each_column_what_was_done_to_it(crowd, dates):
    pack = _pack(crowd)
    rows = list(bare_dictionary(pack, dates))

    told = {(row["table"], row["column"]): row.get("without_names") for row in rows}
    for shape, plain in TABLES.items():
        for column in columns_of(shape, dates, typed(plain)):
            assert column == SUPPRESSED or told[shape, column] != Treatment.LEFT_OUT.value
    assert told["answers", "wish"].startswith("Only that something was written.")
    assert ("answers", "birth_date") not in told
    assert ("cases", "patient_name") not in told


# Permission and the trail


def test_who_may_not_take_cases_out_may_not_without_names(crowd):
    with pytest.raises(NotAllowedError):
        made(crowd, by=crowd.people.cleo)


def test_it_is_written_down_that_names_were_left_out_and_how(crowd):
    next(made(crowd, Dates.SHIFTED, by=crowd.people.ada).tables(["cases"], "csv"))

    event = audit.latest(crowd.store)[0]
    assert (event.actor, event.action) == (crowd.people.ada.id, "records exported")
    assert event.detail["deidentified"] is True
    assert (event.detail["dates"], event.detail["least"]) == ("shifted", LEAST)
    assert (event.detail["shape"], event.detail["form"], event.detail["cases"]) == (
        "cases", "csv", 12,
    )  # fmt: skip


def test_each_case_that_goes_out_has_its_line(crowd):
    export = made(crowd)
    list(export.table("answers", "csv").rows)

    for row in crowd.store.rows("SELECT id FROM responses WHERE submitted_at IS NOT NULL"):
        assert "case exported" in actions_on(crowd.store, row["id"])


def test_what_came_in_the_meantime_is_held_back(crowd):
    export = made(crowd)
    table = export.table("decisions", "csv")
    rows = iter(table.rows)
    next(rows)
    waiting = crowd.store.row(
        "SELECT r.id FROM responses r WHERE r.submitted_at IS NOT NULL"
        " AND r.id NOT IN (SELECT response_id FROM reviews)"
    )["id"]
    desk = Desk(crowd.store, _pack(crowd), {}, crowd.people)
    desk.decide(waiting, Decision(Disposition.NEED_INFORMATION, "Which cream?"))

    listed = [row["disposition"] for row in rows]

    assert "need_information" not in listed
