"""`intake document` writes a case into a file; `intake verify-document` tells what became of it."""

import os

import pytest

from intake.exports import pdf
from intake.exports.sealing import BLANK, Form, intact, seal
from tests.cli.conftest import invoke


@pytest.fixture
def written(demo, response_id, tmp_path):
    """A document of the most serious case of the demo."""
    file = tmp_path / "case.html"
    made = invoke(demo, "document", response_id, "--out", file)
    assert made.exit_code == 0, made.output
    return file


def test_a_document_is_as_it_was_made_and_made_here(demo, written, response_id):
    found = invoke(demo, "verify-document", written)

    assert found.exit_code == 0
    assert "Nothing in this file was changed" in found.output
    assert "Made by this clinic on" in found.output
    assert "by Command line" in found.output
    assert response_id in found.output


def test_the_file_is_for_its_owner_alone(written):
    assert written.stat().st_mode & 0o777 == 0o600


def test_without_a_clinic_it_says_what_was_not_checked(written, tmp_path):
    found = invoke(tmp_path / "nowhere", "verify-document", written)

    assert found.exit_code == 0
    assert "Not checked: which clinic made it" in found.output
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize(
    "edit",
    [
        lambda page: page.replace("Stop", "Routine", 1),
        lambda page: page.replace('"triage": "stop"', '"triage": "routine"'),
        lambda page: page[:-20],
    ],
)
def test_an_edit_of_the_words_or_of_the_record_is_found_out(demo, written, edit):
    page = written.read_text("utf-8")
    assert edit(page) != page
    written.write_text(edit(page), "utf-8")

    found = invoke(demo, "verify-document", written)

    assert found.exit_code == 1
    assert "was changed after it was made" in found.output


def test_an_edit_with_a_new_hash_is_found_out_by_the_audit_trail(demo, written):
    content = written.read_bytes()
    old = intact(content).sha256
    forged = content.replace(old.encode(), BLANK.encode()).replace(b"Stop", b"Calm")
    written.write_bytes(seal(Form.HTML, forged).content)

    found = invoke(demo, "verify-document", written)

    assert found.exit_code == 1
    assert "This clinic has not made it" in found.output


def test_a_file_carried_by_mail_with_other_line_ends_is_still_known(demo, written):
    written.write_bytes(written.read_bytes().replace(b"\n", b"\r\n"))

    found = invoke(demo, "verify-document", written)

    assert found.exit_code == 0
    assert "Only its line ends" in found.output
    assert "Made by this clinic" in found.output


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"%PDF-1.4\n%%EOF", b"PK\x03\x04"])
def test_a_file_of_somebody_else_is_told_in_words(demo, tmp_path, content):
    file = tmp_path / "other"
    file.write_bytes(content)

    found = invoke(demo, "verify-document", file)

    assert found.exit_code == 1
    assert "no document made by this program" in found.output


@pytest.mark.parametrize("name", ["missing.html", "."])
def test_a_file_that_cannot_be_read_is_told_in_words(demo, tmp_path, name):
    found = invoke(demo, "verify-document", tmp_path / name)

    assert found.exit_code == 1
    assert "cannot be read" in found.output


def test_a_pipe_that_nobody_writes_to_is_not_waited_for(demo, tmp_path):
    pipe = tmp_path / "pipe.html"
    os.mkfifo(pipe)

    found = invoke(demo, "verify-document", pipe)

    assert found.exit_code == 1
    assert "Name the file of the document itself" in found.output


def test_a_file_that_is_there_is_left_as_it_is(demo, response_id, written):
    before = written.read_bytes()

    again = invoke(demo, "document", response_id, "--out", written)

    assert again.exit_code == 2
    assert "it exists already" in again.output
    assert written.read_bytes() == before


def test_a_case_that_is_not_there_is_told_in_words(demo, tmp_path):
    found = invoke(demo, "document", "nothing", "--out", tmp_path / "x.html")

    assert found.exit_code == 2
    assert "There is no such case." in found.output
    assert not (tmp_path / "x.html").exists()


def test_a_pdf_is_checked_the_same_way(demo, response_id, tmp_path):
    file = tmp_path / "case.pdf"
    made = invoke(demo, "document", response_id, "--pdf", "--paper", "letter", "--out", file)
    assert made.exit_code == 0, made.output

    found = invoke(demo, "verify-document", file)
    file.write_bytes(file.read_bytes() + b"\n% later")
    changed = invoke(demo, "verify-document", file)

    assert found.exit_code == 0
    assert "Made by this clinic" in found.output
    assert changed.exit_code == 1
    assert "was changed after it was made" in changed.output


def test_without_pango_it_says_what_to_install(demo, response_id, tmp_path, monkeypatch):
    monkeypatch.setattr(pdf, "missing", lambda: pdf.WHAT_TO_INSTALL)

    made = invoke(demo, "document", response_id, "--pdf", "--out", tmp_path / "case.pdf")

    assert made.exit_code == 2
    assert "apt-get install libpango-1.0-0" in made.output
    assert not (tmp_path / "case.pdf").exists()
