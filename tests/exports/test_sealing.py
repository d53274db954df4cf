"""The hash a document carries, and what is found out about a file."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.exports import sealing
from intake.exports.sealing import BLANK, Form, SealError, intact, seal

PAGE = f'<!DOCTYPE html>\n<p>No cold sore.</p>\n<code id="intake-sha256">{BLANK}</code>\n'.encode()
PDF = b"%PDF-1.7\nNo cold sore\n/ID [(" + BLANK.encode() + b") (x)]\n%%EOF\n"


@pytest.mark.parametrize(("form", "content"), [(Form.HTML, PAGE), (Form.PDF, PDF)])
def test_the_hash_is_that_of_the_file_with_zeros_in_its_place(form, content):
    made = seal(form, content)

    blanked = made.content.replace(made.sha256.encode(), BLANK.encode())
    assert hashlib.sha256(blanked).hexdigest() == made.sha256
    assert intact(made.content).sha256 == made.sha256


@pytest.mark.parametrize(("form", "content"), [(Form.HTML, PAGE), (Form.PDF, PDF)])
@given(at=st.integers(min_value=20), by=st.integers(1, 255))
def test_any_byte_changed_is_found_out(form, content, at, by):
    made = seal(form, content).content
    changed = bytearray(made)
    place = at % len(changed)
    changed[place] = (changed[place] + by) % 256

    try:
        only_line_ends = intact(bytes(changed)).line_ends_changed
    except SealError as error:
        told = str(error)
    else:
        told = "changed" if only_line_ends and form is Form.HTML else "nothing"
    assert "changed" in told or "no document" in told


@pytest.mark.parametrize(
    "carry",
    [
        lambda page: page.replace(b"\n", b"\r\n"),
        lambda page: page.replace(b"\n", b"\r"),
        lambda page: b"\xef\xbb\xbf" + page,
        lambda page: page.rstrip(b"\n"),
        lambda page: page + b"\r\n\r\n",
    ],
)
def test_other_line_ends_are_told_from_a_change(carry):
    made = seal(Form.HTML, PAGE)

    found = intact(carry(made.content))

    assert found.sha256 == made.sha256
    assert found.line_ends_changed


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 100,
        b"%PDF-1.7\nof somebody else",
        b"<!DOCTYPE html><p>of somebody else",
        b"<html>older",
        PAGE.replace(b"</code>", b"</code>" + PAGE[16:]),
        PAGE.replace(BLANK.encode(), b"g" * 64),
        "<!DOCTYPE html>".encode("utf-16"),
    ],
)
def test_what_is_no_document_of_ours_is_told_in_plain_words(content):
    with pytest.raises(SealError, match=r"The file is no document made by this program"):
        intact(content)


def test_a_huge_file_is_not_looked_at(monkeypatch):
    monkeypatch.setattr(sealing, "MOST_BYTES", 100)

    with pytest.raises(SealError, match="larger than any document"):
        intact(PAGE + b" " * 100)


def test_a_document_without_one_place_for_its_hash_is_not_sealed():
    with pytest.raises(SealError, match="2 places"):
        seal(Form.HTML, PAGE + PAGE)
