"""Values no honest form sends, in every field of both sides: asked again or refused, never a fault.

One field at a time is spoiled, the others being as an honest person fills them.
"""

import unicodedata
from urllib.parse import urlencode

import pytest
from werkzeug.formparser import FormDataParser

from intake.core.answers import MAX_MEDICINES, MAX_TEXT
from intake.core.records import ResponseStatus
from intake.storage import responses
from tests.web.filling import fill
from tests.web.pages import Page

JUNK = {
    "nul": b"a\0b",
    "not utf-8": b"\xff\xfe\xc0\xaf",
    "lone surrogate": b"\xed\xa0\x80",
    "bidi": "\u202eabc\u2066\u200f".encode(),
    "lines": b"x\r\nSet-Cookie: a=b\n\n",
    "signalling nan": b"sNaN",
    "infinity": b"1e400",
    "huge": b"1" + b"0" * 30,
    "5,000 digits": b"9" * 5000,
    "arabic digits": "٣٤".encode(),
    "superscript": "²".encode(),
    "underscore": b"1_0",
    "year 0": b"0000-01-01",
    "year 9999": b"9999-12-31",
    "9999": b"9999",
    "not offered": b"no_such_code",
    "markup": b"<script>alert(1)</script>{{7*7}}${7*7}",
    "long": b"x" * 20_000,
    "json": b"[[[1" + b"0" * 400 + b", 0], [0, 0], [0, 0]]]",
    "deep json": b"[" * 5_000,
}

TABLET = {
    "/tablet/page/your_goals": {"goals": "acne_scars"},
    "/tablet/page/last_spots": {
        "last_spot-way": "date",
        "last_spot-day": "3",
        "last_spot-month": "5",
        "last_spot-year": "2025",
    },
    "/tablet/page/spots_more": {
        "spots_where": "in_area",
        "spots_kind": "none",
        "spots_count-value": "3",
        "spots_count-unknown": "",
    },
    "/tablet/page/sore_since": {
        "skin_broken_since-way": "about",
        "skin_broken_since-count": "3",
        "skin_broken_since-unit": "days",
    },
    "/tablet/page/medicine_names": {
        "medicines-entries-0-name": "Aspirin",
        "medicines-entries-0-status": "stopped",
        "medicines-entries-0-stopped-way": "date",
        "medicines-entries-0-stopped-month": "March",
        "medicines-entries-0-stopped-year": "2025",
        "medicines-entries-0-route": "mouth",
        "medicines-entries-0-dose": "75 mg",
        "medicines-more": "not_sure",
        "do": "add",
    },
    "/tablet/page/worry_map": {"marked_spot": "none"},
    "/tablet/review": {"way": "draw", "strokes": "[]", "typed": ""},
}
START = {"name": "Ines Prado", "birth-day": "3", "birth-month": "5", "birth-year": "1980"}
PLAN = {
    "area": "face",
    "modality": "motorised",
    "depth_mm": "1.0",
    "depth_mm-undecided": "",
    "anaesthetic": "none",
    "products": "hyaluronic",
    "prp": "no",
    "rf_sites": "none",
    "same_day": "none",
    "device": "generic",
}
DESK = {
    "/desk/begin": ({"text": "Duarte"}, ["text"]),
    "/desk/begin?": ({"register": "yes", **START}, list(START)),
    "/desk/begin/{patient}": (PLAN, ["area", "modality", "depth_mm", "depth_mm-undecided"]),
    "/desk/cases/{defer}/decide": (
        {
            "seen": "0",
            "screening": "{screening}",
            "disposition": "proceed",
            "until": "",
            "note": "a note",
            "reason-0": "examined",
            "words-0": "seen and fine",
        },
        ["seen", "screening", "disposition", "until", "reason-0", "words-0"],
    ),
    "/desk/cases/{routine}/addendum": ({}, ["text"]),
    "/desk/cases/{begun}/withdraw": ({}, ["reason"]),
    "/desk/find": ({}, ["text"]),
    "/desk/export": ({"shape": "cases", "form": "csv"}, ["shape", "since", "until", "triage"]),
}
"""An honest form, and which of its fields are spoiled."""

QUERY = {"status": "open", "triage": "stop", "since": "2026-01-01", "until": "2026-12-31"}

junk = pytest.mark.parametrize("spoiled", JUNK.values(), ids=JUNK)


def send(visitor, path, fields):
    """Post bytes as they are, whatever they spell."""
    body = urlencode({**fields, "csrf_token": visitor.token()})
    kind = "application/x-www-form-urlencoded"
    return Page(visitor.client.post(visitor.real(path), data=body, content_type=kind))


def each_spoiled(honest, spoiled, names=None):
    return ({**honest, name: spoiled} for name in names or honest)


def _with_ids(value, known):
    return known["screening"] if value == "{screening}" else value


def faulty(pages):
    """Return what failed, or told of the inside."""
    return [
        page.answer.request.path
        for page in pages
        if page.status >= 500 or "Traceback" in page.html or "<script>alert" in page.html
    ]


@junk
def test_the_pages_of_the_tablet(tablet, store, ids, spoiled):
    plan = responses.response(store, ids["begun"]).plan

    answers = [
        send(tablet, path, fields)
        for path, honest in TABLET.items()
        for fields in each_spoiled(honest, spoiled)
    ]

    assert faulty(answers) == []
    after = responses.response(store, ids["begun"])
    assert (after.status, after.plan) == (ResponseStatus.IN_PROGRESS, plan)


@junk
def test_the_start_page_of_a_tablet(enrolled, spoiled):
    answers = [send(enrolled, "/tablet/start", fields) for fields in each_spoiled(START, spoiled)]

    assert faulty(answers) == []


@junk
def test_the_forms_of_the_desk(ada, ids, store, spoiled):
    screening = store.row("SELECT id FROM screenings WHERE response_id = ?", [ids["defer"]])["id"]
    known = {**ids, "screening": screening}
    answers = [
        send(ada, path.format_map(known), {k: _with_ids(v, known) for k, v in fields.items()})
        for path, (honest, names) in DESK.items()
        for fields in each_spoiled(honest, spoiled, names)
    ]

    assert faulty(answers) == []


@junk
def test_the_filters_of_the_queue(ada, spoiled):
    answers = [
        Page(ada.client.get("/desk/", query_string=urlencode(fields)))
        for fields in each_spoiled(QUERY, spoiled)
    ]

    assert faulty(answers) == []


@pytest.mark.parametrize("name", ["nul", "not utf-8", "bidi", "5,000 digits", "long", "markup"])
def test_signing_in(stranger, name):
    page = send(stranger, "/desk/sign-in", {"username": JUNK[name], "password": "x"})

    assert page.status == 422
    assert "Set-Cookie" not in page.answer.headers


@pytest.mark.parametrize("path", ["page/your_goals", "page/medicine_names", "review", "welcome"])
def test_a_megabyte_is_refused_and_nothing_is_stored(tablet, contents, path):
    before = contents()

    page = send(tablet, f"/tablet/{path}", {"goals": "x" * 2**20})

    assert page.status == 413
    assert "Go to the start" in page.words
    assert contents() == before


@pytest.mark.parametrize("path", ["/desk/begin", "/desk/export", "/desk/sign-in"])
def test_a_megabyte_is_refused_at_the_desk_too(ada, contents, path):
    before = contents()

    page = send(ada, path, {"text": "x" * 2**20})

    assert page.status == 413
    assert contents() == before


def test_thousands_of_parts_are_refused(tablet, contents):
    before = contents()
    parts = {f"x{n}": "1" for n in range(3000)}

    page = Page(
        tablet.client.post(
            "/tablet/page/your_goals",
            data={**parts, "csrf_token": tablet.token()},
            content_type="multipart/form-data",
        )
    )

    assert page.status == 413
    assert contents() == before


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"--x\r\nnothing", "multipart/form-data; boundary=y"),
        (b"", "multipart/form-data"),
        (b"goals=lines", "text/plain"),
        (b'{"goals": "lines"}', "application/json"),
        (b'{"goals": [["lines"]]}', "application/json"),
        (b"[1, 2]", "application/json"),
        (b"{", "application/json"),
        (b"goals=%ZZ&%00=%00&=&&&;", "application/x-www-form-urlencoded"),
    ],
    ids=["wrong boundary", "no boundary", "plain text", "json", "nested json", "a json list",
         "broken json", "odd escapes"],
)  # fmt: skip
def test_a_body_that_is_no_form_stores_nothing(tablet, store, ids, body, kind):
    answer = tablet.client.post(
        "/tablet/page/your_goals",
        data=body,
        content_type=kind,
        headers={"X-CSRFToken": tablet.token()},
    )

    assert answer.status_code < 500
    assert "goals" not in responses.response(store, ids["begun"]).answers


NAMELESS = b"--x\r\nContent-Disposition: form-data%s\r\n\r\nabc\r\n--x--\r\n"


@pytest.mark.parametrize("file", [b"", b"; filename=a"], ids=["a field", "a file"])
@pytest.mark.parametrize("path", ["/desk/sign-in", "/desk/sign-out", "/tablet/start"])
def test_a_part_without_a_name_is_refused(stranger, path, file):
    kind = "multipart/form-data; boundary=x"

    answer = stranger.client.post(path, data=NAMELESS % file, content_type=kind)

    assert answer.status_code == 400


@pytest.mark.parametrize(("length", "status"), [(70, 422), (100, 422), (101, 400), (10_000, 400)])
def test_a_boundary_longer_than_there_are_is_refused_before_the_form_is_read(
    stranger, length, status
):
    mark = "-" * length
    fields = {"csrf_token": stranger.token(), "username": "ada", "password": "x"}
    parts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]

    answer = stranger.client.post(
        "/desk/sign-in",
        data=f"{''.join(parts)}--{mark}--\r\n",
        content_type=f"multipart/form-data; boundary={mark}",
    )

    assert answer.status_code == status


@pytest.mark.parametrize(("path", "status"), [("/nowhere", 404), ("/static/intake.css", 405)])
def test_a_form_that_no_view_takes_is_not_read(stranger, monkeypatch, path, status):
    read = []
    monkeypatch.setattr(FormDataParser, "parse", lambda *args: read.append(args))

    answer = stranger.client.post(path, data={"a": "b"})

    assert answer.status_code == status
    assert read == []


@pytest.mark.parametrize(
    ("name", "more"),
    [("If-Modified-Since", {}), ("If-Range", {"Range": "bytes=0-5"})],
)
def test_under_a_date_past_all_years_the_whole_file_is_sent(app, name, more):
    headers = {name: "Sat, 99 Jan 99999999999999 00:00:00 GMT", **more}

    with app.test_client().get("/static/intake.css", headers=headers) as answer:
        assert answer.status_code == 200


def test_three_hundred_medicines_are_asked_again(tablet, store, ids):
    names = {f"medicines-entries-{n}-name": "Aspirin" for n in range(300)}

    page = send(tablet, "/tablet/page/medicine_names", names)

    assert page.status == 422
    kept = responses.response(store, ids["begun"]).answers["medicines"]
    assert sum(isinstance(row, dict) for row in kept) == MAX_MEDICINES
    assert kept[-1] == "not_sure"


def test_an_honest_form_still_works_after_all_of_it(tablet, topics, vignettes, store, ids):
    for spoiled in JUNK.values():
        for path, honest in TABLET.items():
            send(tablet, path, dict.fromkeys(honest, spoiled))

    answers = vignettes["healthy-man-body"].answers
    review = fill_again(tablet, topics, answers)
    sent = tablet.post("/tablet/review", {"typed": "Tomas Novak"})

    assert review.location == "/tablet/review"
    assert sent.location == "/tablet/end"
    kept = responses.response(store, ids["begun"]).answers
    assert {k: kept[k] for k in answers if k in kept and k != "birth_date"} == {
        k: value for k, value in answers.items() if k in kept and k != "birth_date"
    }
    assert len(kept) > 40


def fill_again(tablet, topics, answers):
    """Fill from the first page on, whatever was left."""
    fill(tablet, topics, answers)
    return fill(tablet, topics, answers)


ADMINISTRATION = {
    "/desk/accounts": {"username": "dora", "name": "Dora", "role": "practitioner"},
    "/desk/accounts/{account}/role": {"role": "dermatologist"},
    "/desk/tablets": {"name": "Room 2"},
    "/desk/audit/export": {"actor": "", "action": "", "record": "", "since": "", "until": ""},
}
TRAIL = {"actor": "", "action": "case read", "record": "x", "since": "", "until": "", "below": "9"}


@junk
def test_the_forms_of_administration(cleo, people, spoiled):
    answers = [
        send(cleo, path.format(account=people.ada.id), fields)
        for path, honest in ADMINISTRATION.items()
        for fields in each_spoiled(honest, spoiled)
    ]
    answers += [
        Page(cleo.client.get("/desk/audit", query_string=urlencode(fields)))
        for fields in each_spoiled(TRAIL, spoiled)
    ]

    assert faulty(answers) == []


def test_marks_by_the_thousand_are_asked_again_unread(tablet, store, ids, monkeypatch):
    """Putting them in order would hold every other request for seconds."""
    longest, really = [0], unicodedata.normalize

    def normalize(form, text):
        longest[0] = max(longest[0], len(text))
        return really(form, text)

    monkeypatch.setattr(unicodedata, "normalize", normalize)

    page = send(tablet, "/tablet/page/your_goals", {"goals": "a" + "\u0315\u0300" * 15_000})

    assert page.status == 422
    assert longest[0] <= MAX_TEXT
    assert "goals" not in responses.response(store, ids["begun"]).answers
