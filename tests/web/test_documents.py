"""Documents of a case at the desk: what is said first, what is handed out, what it carries."""

import base64
import hashlib
import io
import json
import re
from threading import Thread

import pytest
from pypdf import PdfReader

from intake.actions import answer, submit
from intake.core.records import Signature, SignatureKind
from intake.exports import pdf
from intake.exports.pdf import WHAT_TO_INSTALL, Paper, pdf_of
from intake.exports.record import read_record, record_in
from intake.exports.sealing import intact
from intake.storage import audit
from intake.web import desk_documents
from tests.conftest import NOW, TODAY

ARABIC = "ليلى حدّاد"


@pytest.fixture
def make(ada):
    return lambda case, **sent: ada.post(f"/desk/cases/{case}/document", {"form": "html", **sent})


@pytest.fixture
def make_pdf(ada):
    """Make a PDF of a case; returns the whole answer."""

    def act(case, paper="a4"):
        sent = {"form": "pdf", "paper": paper, "csrf_token": ada.token()}
        return ada.client.post(f"/desk/cases/{case}/document", data=sent)

    return act


@pytest.fixture
def in_arabic(maker, pack, store):
    """Somebody who read and signed the form in Arabic, with a drawn signature."""
    response = maker.begun(ARABIC, "healthy-woman")
    response = answer.choose_language(store, response, "ar", now=NOW)
    answers = {**maker._vignette("healthy-woman").answers}
    page = answer.next_screen(pack, response, TODAY, after=None)
    while page is not None:
        raw = {item.link_id: answers.get(item.link_id) for item in page.items}
        response = answer.save_page(
            store, pack, response=response, page=page, raw=raw, now=NOW, today=TODAY
        )
        page = answer.next_screen(pack, response, TODAY, after=page)
    signature = Signature(
        SignatureKind.DRAWN, "أجبت.", "", (((0.1, 0.5), (0.5, 0.25), (0.9, 0.5)),), "ar"
    )
    return submit.submit(
        store, pack, response_id=response.id, signature=signature, now=NOW, today=TODAY
    ).id


def test_the_case_leads_to_its_document(ada, ids):
    links = ada.get(f"/desk/cases/{ids['stop']}").root.all("a")

    assert f"/desk/cases/{ids['stop']}/document" in [link["href"] for link in links]


def test_what_a_document_holds_is_said_before_one_is_made(ada, ids, store):
    page = ada.get(f"/desk/cases/{ids['stop']}/document")

    assert "What was asked in private is in it." in page.words
    assert "audit trail" in page.words
    made = [e for e in audit.of_subject(store, ids["stop"]) if e.action == "document made"]
    assert made == []


def test_a_document_is_handed_out_under_a_name_that_tells_nothing(make, ids):
    page = make(ids["stop"])

    headers = page.answer.headers
    sha256 = intact(page.answer.get_data()).sha256
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Disposition"] == (
        f'attachment; filename="intake-record-2026-06-15-{sha256[:8]}.html"'
    )


@pytest.mark.parametrize("kind", ["collection", "transaction"])
def test_a_bundle_is_handed_out_under_a_name_that_tells_nothing(make, ids, kind):
    page = make(ids["stop"], form=kind)

    headers = page.answer.headers
    sha256 = hashlib.sha256(page.answer.get_data()).hexdigest()
    assert headers["Content-Type"] == "application/fhir+json; charset=utf-8"
    assert headers["Content-Disposition"] == (
        f'attachment; filename="intake-fhir-2026-06-15-{sha256[:8]}.json"'
    )
    bundle = json.loads(page.answer.get_data())
    assert bundle["type"] == kind
    assert bundle["entry"][0]["resource"]["name"] == [{"text": "Samuel Reyes"}]


def test_the_file_loads_and_runs_nothing(make, ids):
    root = make(ids["stop"]).root

    policy = root.one("meta", **{"http-equiv": "Content-Security-Policy"})
    styles = [style.children[0] for style in root.all("style")]
    hashes = [base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in styles]
    assert policy["content"].startswith("default-src 'none'; style-src ")
    assert [h for h in hashes if f"'sha256-{h}'" not in policy["content"]] == []
    assert [e.tag for e in root.walk() if "src" in e or e["href"].startswith("http")] == []
    assert [e["type"] for e in root.all("script")] == ["application/json"]


def test_a_reader_finds_everything_in_it(make, ids, store):
    page = make(ids["stop"])

    words = page.root.one("table", class_="sheets").text
    for heading in (
        "What was planned",
        "Triage",
        "Findings",
        "Decisions",
        "Medicines, as typed and as understood",
        "How the form was filled",
        "All answers",
        "Signature",
        "The rules behind these findings, as they were",
        "Sources",
        "Audit trail of this case",
        "Where this comes from",
    ):
        assert heading in words
    assert "Samuel Reyes" in words
    assert "Stop" in words
    assert "not yet reviewed by a clinician" in words
    assert "asked in private" in words


def test_what_was_read_in_another_language_stands_in_both(make, in_arabic):
    page = make(in_arabic)

    root = page.root
    read_as = root.all("dd", class_="as-read")
    assert {(e["lang"], e["dir"]) for e in read_as} == {("ar", "rtl")}
    record = record_in(page.html)
    languages = {a["language"] for a in record["answers"] if a["as_read"]}
    assert languages == {"ar"}
    pregnant = next(a for a in record["answers"] if a["link_id"] == "pregnant_now")
    assert pregnant["answer"] == "No"
    assert pregnant["as_read"]["answer"] == ["لا"]
    assert pregnant["as_read"]["question"] in root.text
    statement = next(e for e in root.all("p", class_="pre") if e["lang"] == "ar")
    assert (statement["dir"], statement.text) == ("rtl", "أجبت.")
    assert root.one("polyline")["points"] == "50.0,100.0 250.0,50.0 450.0,100.0 "


def test_words_of_a_patient_stay_words(make, maker):
    response = maker.sent("</script><script>alert(1)</script> O'Neil", "healthy-woman")

    page = make(response.id)

    assert [e["type"] for e in page.root.all("script")] == ["application/json"]
    assert record_in(page.html)["patient"]["name"] == "</script><script>alert(1)</script> O'Neil"


def test_a_kind_of_file_that_is_not_offered_is_refused(make, ids):
    page = make(ids["stop"], form="exe")

    assert page.status == 422
    assert page.faults() == [("form", "Choose the kind of file.")]


def test_nobody_but_clinicians_gets_to_documents(cleo, stranger, ids):
    path = f"/desk/cases/{ids['stop']}/document"

    assert cleo.get(path).status == cleo.post(path, {"form": "html"}).status == 404
    assert stranger.get(path).location == "/desk/sign-in"


def test_the_file_holds_no_address_of_the_house(make, ids):
    page = make(ids["stop"])

    assert not re.search(r"/desk/|localhost|127\.0\.0\.1", page.html)
    assert json.dumps("Test clinic") in page.html


@pytest.mark.parametrize(("paper", "size"), [("a4", (595, 842)), ("letter", (612, 792))])
def test_a_pdf_has_two_identifiers_and_its_number_on_every_sheet(make_pdf, ids, paper, size):
    made = make_pdf(ids["review"], paper)

    reader = PdfReader(io.BytesIO(made.get_data()))
    texts = [page.extract_text() for page in reader.pages]
    assert made.headers["Content-Type"] == "application/pdf"
    assert made.headers["Cache-Control"] == "no-store"
    assert tuple(round(float(x)) for x in reader.pages[0].mediabox[2:]) == size
    for number, text in enumerate(texts, 1):
        assert "Walter Brandt" in text
        assert "record P-" in text
        assert f"Page {number} of {len(texts)}" in " ".join(text.split())


def test_a_pdf_carries_the_same_record(make_pdf, in_arabic, store):
    pdf = make_pdf(in_arabic).get_data()

    attached = PdfReader(io.BytesIO(pdf)).attachments["intake-record.json"][0]
    record = read_record(attached.decode())
    assert record["patient"]["name"] == ARABIC
    assert {a["language"] for a in record["answers"] if a["as_read"]} == {"ar"}
    event = audit.of_subject(store, in_arabic)[-1]
    assert event.detail == {"form": "pdf", "sha256": intact(pdf).sha256}


def test_a_pdf_holds_every_word_in_the_order_in_which_it_is_read(make, make_pdf, in_arabic):
    page = make(in_arabic).root
    pdf = make_pdf(in_arabic).get_data()

    lines = [
        line for p in PdfReader(io.BytesIO(pdf)).pages for line in p.extract_text().split("\n")
    ]
    text = "".join("".join(lines).split())
    asked = [str(dd.children[0]) for dd in page.all("dd", class_="as-read")]
    in_one_line = [ask for ask in asked if len(ask) < 45 and not re.search("[0-9a-z(]", ask)]
    assert len(in_one_line) > 12
    assert [ask for ask in in_one_line if "".join(ask.split()) not in text] == []
    words = {word for ask in asked for word in re.findall(r"\w+", ask)}
    assert {word for word in words if word not in text} == set()
    assert {dt.text for dt in page.all("dt") if "".join(dt.text.split()) not in text} == set()


def test_a_pdf_loads_nothing(app):
    wanted = (
        "<!DOCTYPE html><html><head></head><body><img src='file:///etc/passwd' alt='no'></body>"
    )

    made = pdf_of(wanted, app.extensions["documents"], Paper.A4)

    assert "no" in PdfReader(io.BytesIO(made)).pages[0].extract_text()


def test_two_pdfs_are_made_at_a_time_and_others_wait(app):
    environment = app.extensions["documents"]
    third = Thread(target=pdf_of, args=("<p>A sheet</p>", environment, Paper.A4), daemon=True)

    with pdf._AT_ONCE, pdf._AT_ONCE:
        third.start()
        third.join(0.5)
        waited = third.is_alive()
    third.join(60)

    assert waited
    assert not third.is_alive()


def test_where_no_pdf_can_be_made_the_page_says_what_to_install(ada, ids, monkeypatch):
    monkeypatch.setattr(desk_documents, "missing", lambda: WHAT_TO_INSTALL)

    page = ada.get(f"/desk/cases/{ids['stop']}/document")

    assert "apt-get install libpango-1.0-0" in page.words
    assert [b.text for b in page.root.all("button") if "PDF" in b.text] == []


def test_the_day_of_treatment_stands_in_the_document_and_in_its_record(make, maker):
    session = maker.treated("Tilda Treated")

    page = make(session.response_id)

    record = record_in(page.html)
    assert "Asked at the chair" in page.words
    assert "Lot number of the cartridge C-77" in page.words
    assert record["session"]["done"]["cartridge_lot"] == "C-77"
    assert record["session"]["next_from"] == "2026-07-13"
    assert {said["reply"] for said in record["confirmations"][0]["said"].values()} == {"no"}


def test_who_told_what_a_finding_rests_on_stands_in_the_document(make, maker):
    maker.treated("Tilda Treated")
    sent = maker.sent("Tilda Treated", "healthy-woman")

    page = make(sent.id)

    assert "From the clinic's record of earlier sessions" in page.words
    assert record_in(page.html)["screenings"][0]["told"][0]["by"] == "record"
