"""Every input the fuzzers are kept with, run once more."""

import resource
import time
from pathlib import Path

import pytest

from intake.core.answers import Missing
from tests.fuzz import answers, packs

CORPUS = Path(__file__).parent / "corpus"
PACKS = sorted((CORPUS / "packs").iterdir())
ANSWERS = sorted((CORPUS / "answers").iterdir())
MOST_SECONDS, MOST_KILOBYTES = 5, 150_000


@pytest.mark.parametrize("file", PACKS, ids=lambda file: file.name)
def test_a_pack_is_taken_or_refused_in_time(file):
    before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()

    found = packs.one(file.read_bytes())

    assert time.process_time() - begun < MOST_SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MOST_KILOBYTES
    if file.name.startswith("hostile-"):
        assert found is None
    if file.name.startswith("good-"):
        assert found is not None


@pytest.mark.parametrize("file", ANSWERS, ids=lambda file: file.name)
def test_an_answer_is_read_or_unknown(file):
    body = file.read_bytes()

    found = [answers.one(body), *(answers.one(spoiled) for spoiled in on_every_question(body))]

    assert len(found) > 50
    assert Missing.UNREADABLE in found or "not_sure" in str(found) or any(found)


def on_every_question(body):
    """Yield the same value as an answer to every question."""
    _, _, text = body.partition(b"\n")
    yield from (f"{name}\n".encode() + text for name in answers.questions())


def test_there_is_a_corpus_of_both():
    assert sum(file.name.startswith("hostile-") for file in PACKS) >= 60
    assert len(ANSWERS) >= 50
