"""What was typed is shown as it was typed, on every page and in every document."""

import csv
import io
import re

import pytest
from pypdf import PdfReader

from intake.actions import answer, submit
from intake.core.records import Signature, SignatureKind
from intake.exports import pdf
from tests.conftest import NOW, TODAY
from tests.web.pages import Page

MARKUP = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</title><svg onload=alert(1)>",
    '"><iframe src=//evil.example>',
    "' autofocus onfocus=alert(1) x='",
    "<a href=javascript:alert(1)>x</a>",
    "{{7*191}}",
    "{% raw %}${7*191}#{7*191}",
    "<!-- --><b>bold</b>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<style>*{display:none}</style>",
    '<math><mi//xlink:href="data:x,<script>alert(1)</script>">',
)
"""What would do something if it were shown as anything but words."""

ALIVE = re.compile(r"(?i)<(script>alert|img src=x|svg on|iframe|b>bold|style>\*|math|a href=j)")
FREE_TEXT = "anything_else"


@pytest.fixture
def marked(maker, store, pack, people):
    """The id of a case in which every box holds markup."""
    name = "Xena <b>bold</b> ' onfocus=alert(1)"
    form = maker.filled(name, "healthy-woman")
    texts = [i for i in pack.questionnaire.items.values() if i.kind.value in ("text", "medicines")]
    for number, item in enumerate(texts):
        said = MARKUP[number % len(MARKUP)]
        raw = [{"name": said, "dose": said}] if item.kind.value == "medicines" else said
        answer.save_page(
            store, pack, response=form, page=pack.questionnaire.page_of(item.link_id),
            raw={item.link_id: raw}, now=NOW, today=TODAY,
        )  # fmt: skip
    sent = submit.submit(
        store, pack, response_id=form.id, now=NOW, today=TODAY,
        signature=Signature(SignatureKind.TYPED, submit.STATEMENT, name),
    )  # fmt: skip
    return sent.id


def live(page):
    """Return the tags of ours that are none, and what was worked out."""
    found = [match.group() for match in ALIVE.finditer(page.html)]
    found += [a for e in page.root.walk() for a in e.attributes if a.startswith("on")]
    return [*found, *re.findall(r"\b1337\b", page.words)]


@pytest.mark.parametrize("said", MARKUP)
def test_words_at_the_desk_are_shown_as_they_were_typed(ada, ids, said):
    case = ids["defer"]
    ada.post(f"/desk/cases/{case}/addendum", {"text": said})

    pages = [
        ada.get(f"/desk/cases/{case}"),
        ada.post(f"/desk/cases/{case}/document", {"form": "html"}),
        ada.post("/desk/find", {"text": said}),
        ada.post("/desk/begin", {"text": said}),
        ada.post(f"/desk/cases/{case}/decide", {"note": said}),
    ]

    assert [live(page) for page in pages] == [[]] * len(pages)
    assert " ".join(said.split()) in pages[0].words


def test_what_a_patient_typed_is_shown_as_it_was_typed(ada, ben, marked, ids):
    pages = [
        who.get(path)
        for who in (ada, ben)
        for path in (
            f"/desk/cases/{marked}",
            "/desk/",
            "/desk/?status=all",
            f"/desk/cases/{marked}/plan",
            f"/desk/cases/{marked}/ask-again",
            f"/desk/cases/{marked}/paper/en",
            "/desk/day?day=2026-06-15",
        )
    ]
    pages.append(ada.post(f"/desk/cases/{marked}/private"))

    assert [live(page) for page in pages] == [[]] * len(pages)
    assert any("Xena <b>bold</b>" in page.words for page in pages)


@pytest.mark.skipif(bool(pdf.missing()), reason="Pango is not there")
def test_what_was_typed_is_words_in_a_pdf_too(ada, marked):
    answer = ada.client.post(
        f"/desk/cases/{marked}/document",
        data={"form": "pdf", "paper": "a4", "csrf_token": ada.token()},
    )

    document = PdfReader(io.BytesIO(answer.data))
    words = " ".join(page.extract_text() for page in document.pages)
    assert answer.mimetype == "application/pdf"
    assert "Xena <b>bold</b>" in words
    assert not re.search(r"\b1337\b", words)
    assert "/JavaScript" not in str(document.trailer["/Root"])
    assert b"javascript:" not in answer.data


def test_every_cell_of_every_export_is_guarded(ada, marked):
    for shape in ("cases", "answers"):
        text = ada.post("/desk/export", {"shape": shape, "form": "csv"}).html.lstrip("\ufeff")
        rows = list(csv.reader(io.StringIO(text)))

        risky = [
            cell
            for row in rows
            for cell in row
            if cell.startswith(tuple("=+-@\t\r\n\0＝＋－＠"))
            and not re.fullmatch(r"-?[0-9.]+", cell)
        ]
        assert len(rows) > 5
        assert risky == []
        assert {len(row) for row in rows} == {len(rows[0])}


@pytest.mark.parametrize("said", ["a\r\nSet-Cookie: b=c", "a\nX-Evil: 1", "a\r\n\r\n<html>"])
def test_no_line_end_gets_into_a_header_or_a_log(ada, cleo, stranger, app, ids, said, caplog):
    answers = [
        ada.post("/desk/find", {"text": said}),
        ada.post(f"/desk/cases/{ids['stop']}/addendum", {"text": said}),
        ada.post("/desk/export", {"shape": said, "form": said}),
        cleo.post("/desk/tablets", {"name": said}),
        cleo.post("/desk/accounts", {"username": said, "name": said, "role": "practitioner"}),
        stranger.post("/desk/sign-in", {"username": said, "password": said}),
        Page(
            app.test_client().get(
                "/desk/sign-in", headers={"User-Agent": said.split("\r")[0].split("\n")[0]}
            )
        ),
        Page(app.test_client().get("/desk/cases/%0d%0aSet-Cookie:%20b=c")),
        Page(app.test_client().get("/tablet/page/%0d%0aX-Evil:1")),
    ]

    headers = [pair for page in answers for pair in page.answer.headers]
    assert not [p for p in headers if p[0] == "X-Evil" or p[1].startswith("b=c")]
    assert not [p for p in headers if "\n" in p[1] or "\r" in p[1]]
    assert not [r for r in caplog.records if "\n" in r.getMessage() or "\r" in r.getMessage()]


IMPLAUSIBLE = {
    "tomorrow": ("16", "6", "2026"),
    "140 years old": ("1", "1", "1886"),
    "the end of time": ("31", "12", "9999"),
    "year one": ("1", "1", "1"),
    "year nought": ("1", "1", "0000"),
    "no such day": ("30", "2", "1980"),
}


@pytest.mark.parametrize("born", IMPLAUSIBLE.values(), ids=IMPLAUSIBLE)
def test_a_birth_date_that_cannot_be_right_is_asked_again(enrolled, ada, contents, born):
    enrolled.token(), ada.token()
    before = contents()
    sent = dict(zip(("birth-day", "birth-month", "birth-year"), born, strict=True))

    pages = [
        enrolled.post("/tablet/start", {"name": "Ines Prado", **sent}),
        ada.post("/desk/begin", {"register": "yes", "name": "Ines Prado", **sent}),
    ]

    assert [page.status for page in pages] == [422, 422]
    assert contents() == before


@pytest.mark.parametrize("born", IMPLAUSIBLE.values(), ids=IMPLAUSIBLE)
def test_a_day_in_an_answer_that_cannot_be_right_is_asked_again(tablet, born):
    day, month, year = born
    sent = {"last_spot-way": "date", "last_spot-day": day, "last_spot-month": month}

    page = tablet.post("/tablet/page/last_spots", {**sent, "last_spot-year": year})

    assert page.status in (303, 422)
    assert page.status == 422 or year == "1886"
