"""A day's list at the desk: who, how serious, and their summaries to print."""

import base64
import hashlib
import io

import pytest
from pypdf import PdfReader

from intake.storage import audit

DAY = "/desk/day"


@pytest.fixture
def summaries(ada):
    return ada.post(DAY, {"day": "2026-06-15", "form": "html", "paper": "a4"})


def test_the_queue_leads_to_the_list(ada):
    assert DAY in [link["href"] for link in ada.get("/desk/").root.all("a")]


def test_the_list_begins_with_today(ada):
    page = ada.get(DAY)

    rows = page.root.one("tbody").all("tr")
    assert page.root.one("h1").text == "Cases of 15 June 2026"
    assert len(rows) == 8
    assert rows[0].text.startswith("Stop Samuel Reyes")
    assert "P-" in rows[0].text


def test_no_finding_stands_on_the_list(ada, pack):
    words = ada.get(DAY).words

    assert [rule.title for rule in pack.rules if rule.title in words] == []


def test_another_day_is_chosen_in_the_address(ada):
    page = ada.get(f"{DAY}?day=2026-06-14")

    assert "No case on that day" in page.words


@pytest.mark.parametrize("day", ["tomorrow", "06/15/2026", ""])
def test_a_day_that_cannot_be_read_says_how_to_write_it(ada, day):
    page = ada.get(f"{DAY}?day={day}")

    assert page.status == 422
    assert page.faults()[0][0] == "day"
    assert "2026-12-05" in page.faults()[0][1]


def test_summaries_stand_one_after_another_without_any_way_on(summaries):
    root = summaries.root

    articles = root.all("article", class_="summary")
    assert len(articles) == 6
    for article in articles:
        head = article.one("div", class_="sheet-head").text
        assert "born" in head
        assert "record P-" in head
        for heading in ("Planned", "Findings", "Decision"):
            assert heading in article.text
    assert root.all("nav", "a", "form", "script", "link") == []


def test_summaries_bring_their_own_style_and_nothing_else(summaries):
    policy = summaries.answer.headers["Content-Security-Policy"]

    styles = [style.children[0] for style in summaries.root.all("style")]
    hashes = [base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in styles]
    assert [h for h in hashes if f"'sha256-{h}'" not in policy] == []
    assert policy.startswith("default-src 'none'; style-src ")
    assert summaries.answer.headers["Cache-Control"] == "no-store"


def test_taking_them_out_is_written_down_once(summaries, store, people):
    assert summaries.status == 200

    events = audit.of_subject(store, "day list")
    assert [(e.actor, e.detail["cases"]) for e in events] == [(people.ada.id, 6)]


def test_as_one_pdf(ada):
    sent = {"day": "2026-06-15", "form": "pdf", "paper": "letter", "csrf_token": ada.token()}

    made = ada.client.post(DAY, data=sent)

    pages = PdfReader(io.BytesIO(made.get_data())).pages
    assert made.headers["Content-Disposition"] == (
        'attachment; filename="intake-day-2026-06-15.pdf"'
    )
    assert round(float(pages[0].mediabox[2])) == 612
    assert "Samuel Reyes" in pages[0].extract_text()
    assert [p for p in pages if "record P-" not in p.extract_text()] == []


@pytest.mark.parametrize("sent", [{"form": "html"}, {"day": "2026-06-15", "form": "doc"}])
def test_a_form_that_lacks_something_is_refused(ada, sent):
    page = ada.post(DAY, sent)

    assert page.status == 422
    assert page.faults()


def test_a_day_with_nothing_to_print_is_told(ada):
    page = ada.post(DAY, {"day": "2026-01-01", "form": "html"})

    assert page.status == 409
    assert "nothing to print" in page.words


def test_only_clinicians_get_to_the_list(cleo, stranger):
    assert cleo.get(DAY).status == 404
    assert stranger.get(DAY).location == "/desk/sign-in"
