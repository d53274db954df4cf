"""SECURITY.md, the threats, the tables of standards and the page for clinics say what is so."""

import re
from collections import Counter
from pathlib import Path

import click
import pytest

from intake import logo, web
from intake.actions import (
    accounts,
    emergency,
    passkeys,
    passwords,
    second_factor,
    tablets,
    tries,
    visits,
)
from intake.cli import main, server
from intake.core import answers
from intake.core import appointments as lists
from intake.packs import arriving, reading
from intake.web import bounds, health
from tests.test_docs import TARGETS, VARIABLES, text_of

ROOT = Path(__file__).resolve().parent.parent
PAPERS = ("SECURITY.md", *(f"docs/{name}.md" for name in ("threats", "asvs", "hipaa", "hardening")))
TESTS = {
    name
    for path in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"def (test_\w+)", path.read_text(encoding="utf-8"))
}
PLACES = ("intake/", "tests/", "templates/", "rules/", "docs/", ".ci/")

LEVELS = """
1.1:22 1.2:1111122223 1.3:112222222223 1.4:222 1.5:123 2.1:122 2.2:112 2.3:12223 2.4:23
3.1:3 3.2:113 3.3:12223 3.4:11222233 3.5:11122333 3.6:3 3.7:22333 4.1:12233 4.2:23333 4.3:22
4.4:1222 5.1:2 5.2:112333 5.3:113 5.4:222 6.1:122 6.2:111111112222 6.3:11223333 6.4:112233
6.5:22222333 6.6:2223 6.7:33 6.8:2222 7.1:222 7.2:1111 7.3:22 7.4:11222 7.5:223 7.6:22
8.1:1233 8.2:1123 8.3:133 8.4:23 9.1:111 9.2:1222 10.1:22 10.2:223 10.3:22223
10.4:1111122222233333 10.5:22222 10.6:22 10.7:222 11.1:2233 11.2:22233 11.3:11233 11.4:1222
11.5:23 11.6:23 11.7:33 12.1:12233 12.2:11 12.3:22223 13.1:2333 13.2:222223 13.3:2233
13.4:1222233 14.1:22 14.2:12223333 14.3:122 15.1:12233 15.2:12233 15.3:1222222 15.4:3333
16.1:2 16.2:22222 16.3:2222 16.4:222 16.5:2223 17.1:23 17.2:22223333 17.3:22
"""
"""The level of each requirement, by section. Source: OWASP ASVS 5.0.0, its CSV."""
TAKEN_BESIDES = {"1.2.10", "3.4.8", "6.3.8", "14.2.7", "15.4.1", "15.4.2"}
STANDS = ("met", "partly", "not met", "does not apply")


def levels():
    for section in LEVELS.split():
        name, given = section.split(":")
        yield from ((f"{name}.{number}", level) for number, level in enumerate(given, 1))


def rows_of(name, first):
    """The rows of a page's tables whose first cell looks like *first*, as their cells."""
    lines = [line for line in text_of(name).splitlines() if line.startswith("| ")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in rows if re.fullmatch(first, row[0])]


def asvs():
    return [
        (number, *row[1:])
        for row in rows_of("docs/asvs.md", r"[\d., ]+\.[\d., ]+")
        for number in row[0].split(", ")
    ]


def quoted(name):
    return re.findall(r"`([^`\n]+)`", text_of(name))


@pytest.mark.parametrize("name", PAPERS)
def test_every_test_that_a_paper_names_exists(name):
    named = {word for word in quoted(name) if word.startswith("test_")}

    assert named - TESTS == set()


def test_there_are_tests_to_look_for():
    named = {word for name in PAPERS for word in quoted(name) if word.startswith("test_")}

    assert len(named) > 200


@pytest.mark.parametrize("name", PAPERS)
def test_every_file_that_a_paper_names_exists(name):
    named = {word for word in quoted(name) if word.startswith(PLACES) or word.endswith(".md")}
    links = re.findall(r"\]\(([^)#:]+)\)", text_of(name))
    here = (ROOT / name).parent

    lost = {word for word in named if not ((ROOT / word).exists() or (here / word).exists())}
    assert lost | {link for link in links if not (here / link).exists()} == set()


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_the_papers_are_found_from_the_first_pages(name):
    linked = set(re.findall(r"\]\(([^)#]+)\)", text_of(name)))

    assert {"SECURITY.md", "docs/threats.md"} <= linked


def test_the_first_page_leads_a_clinic_to_the_page_for_it():
    assert "(docs/hardening.md)" in text_of("README.md")


def commands_in(name):
    """The commands of ours that a page tells people to run, each as its words."""
    text = re.sub(r"[ ]#.*", "", text_of(name))
    for line in re.findall(
        r"(?:^    |`|&& )(?:clinic|drill|intake) ([^`\n|&;]+)", text, re.MULTILINE
    ):
        yield line.split()


def test_there_are_commands_to_look_for():
    assert len(list(commands_in("docs/hardening.md"))) > 25


@pytest.mark.parametrize("name", PAPERS)
def test_every_command_that_a_paper_names_exists_with_its_options(name):
    unknown = [words for words in commands_in(name) if not is_known(words)]

    assert unknown == []


def is_known(words):
    command, left = main, list(words)
    while left and isinstance(command, click.Group):
        found = command.get_command(click.Context(command), left[0])
        if found is None:
            break
        command, left = found, left[1:]
    options = {opt for one in command.params for opt in one.opts} | {"--help", "--version"}
    is_bare = isinstance(command, click.Group) and not command.invoke_without_command
    return {w for w in left if w.startswith("--")} <= options and not (
        is_bare and any(not w.startswith("-") for w in left)
    )


@pytest.mark.parametrize("words", [["nonsense"], ["keys", "lose"], ["verify", "--quickly"]])
def test_a_command_that_does_not_exist_is_seen(words):
    assert not is_known(words)


@pytest.mark.parametrize("name", PAPERS)
def test_every_setting_and_target_that_a_paper_names_exists(name):
    settings = set(re.findall(r"\bINTAKE_[A-Z_]+\b", text_of(name)))
    targets = set(re.findall(r"`make ([a-z]+)\b", text_of(name)))

    assert settings <= {*VARIABLES, "INTAKE_DATABASE_KEY", "INTAKE_TRAIL_KEY"}
    assert targets <= TARGETS


def test_the_table_of_asvs_has_every_number_of_its_levels_once():
    wanted = {number for number, level in levels() if level in "12"} | TAKEN_BESIDES
    counted = Counter(number for number, *_ in asvs())

    assert set(counted) == wanted
    assert set(counted.values()) == {1}


def test_the_levels_of_asvs_are_as_many_as_it_has():
    counted = Counter(level for _, level in levels())

    assert (counted["1"], counted["2"], counted["3"]) == (70, 183, 92)
    assert f"{counted['1'] + counted['2']} requirements (70 and 183)" in text_of("docs/asvs.md")


def test_the_counts_above_the_table_of_asvs_are_those_of_its_rows():
    counted = Counter(stands for _, _, stands, _ in asvs())

    (told,) = rows_of("docs/asvs.md", r"\d+")
    assert told == [str(counted[one]) for one in STANDS]
    assert set(counted) <= set(STANDS)


def test_every_row_of_asvs_says_where_or_why():
    assert [number for number, *_, where in asvs() if len(where) < len("no Java")] == []


def test_most_of_what_is_met_is_held_by_a_test():
    met = [where for _, _, stands, where in asvs() if stands == "met"]
    tested = [where for where in met if "`test_" in where]

    assert len(tested) / len(met) > 0.75


SPECIFICATIONS = {
    "(a)(2)(i)": "required",
    "(a)(2)(ii)": "required",
    "(a)(2)(iii)": "addressable",
    "(a)(2)(iv)": "addressable",
    "(c)(2)": "addressable",
    "(e)(2)(i)": "addressable",
    "(e)(2)(ii)": "addressable",
}
STANDARDS = ("(a)(1)", "(b)", "(c)(1)", "(d)", "(e)(1)")
"""45 CFR 164.312."""


def test_the_table_of_hipaa_has_every_standard_and_specification():
    rows = rows_of("docs/hipaa.md", r"\([a-e]\).*")

    assert {row[0]: row[2] for row in rows} == SPECIFICATIONS | dict.fromkeys(STANDARDS, "standard")
    assert all("`test_" in row[3] for row in rows)


def test_every_threat_at_a_door_has_a_test():
    doors = text_of("docs/threats.md").split("## Doors")[1].split("## Not covered")[0]
    rows = [line for line in doors.splitlines() if line.startswith("| ")]
    threats = [row for row in rows if not row.startswith("| threat ")]

    assert len(threats) > 50
    assert [row for row in threats if "`test_" not in row] == []


def minutes(span):
    return int(span.total_seconds() // 60)


LIMITS = (
    f"| {tries.MOST_FAILURES} in {minutes(tries.FAILURE_WINDOW)} minutes each |",
    f"| {tries.MOST_FROM_A_PLACE} in {minutes(tries.FAILURE_WINDOW)} minutes |",
    f"| {tries.MOST_FAILURES} and {tries.MOST_AT_LOCKS} in 5 minutes |",
    f"| {tries.MOST_FAILURES} in 5 minutes, {tries.MOST_CODES_A_DAY} in a day |",
    f"a sign-in that waits for its code | {minutes(second_factor.WAITS)} minutes |",
    f"made at the same time | {passwords.HASHES_AT_ONCE} |",
    f"that wait for one | {passwords.MOST_WAITING}; others are refused |",
    f"| {minutes(accounts.IDLE_LIMIT)} minutes; {minutes(accounts.ABSOLUTE_LIMIT) // 60} hours; 15",
    f"passkeys of one account | {passkeys.MOST_PASSKEYS} |",
    f"; {minutes(visits.GRACE)} more; {minutes(visits.PARKED_AFTER)} after the lock |",
    f"forms begun on one tablet | {tries.MOST_BEGINS} in {minutes(tries.FAILURE_WINDOW)} minutes |",
    f"a visit in all | {minutes(visits.LONGEST) // 60} hours |",
    f"dates of birth at one form | {visits.MOST_TRIES},",
    f"emergency access | {minutes(emergency.LASTS)} minutes |",
    f"{minutes(tablets.LINK_LASTS)} minutes".replace("60 minutes", "within an hour |"),
    f"| {web.MAX_BODY_BYTES:,} bytes and {web.MAX_FORM_PARTS:,} fields |",
    f"| {answers.MAX_TEXT:,} characters; {answers.MAX_MEDICINE_WORDS} each;",
    f"| {web.LARGE_BODIES['desk.check_pack']:,} bytes; unpacked {reading.MAX_BYTES:,} a file",
    f"{reading.MOST_TOGETHER:,} and {reading.MAX_FILES} files in all; {arriving.MOST_ENTRIES:,}",
    f"{reading.MOST_PIECES:,} entries of YAML, {reading.MAX_DEPTH} deep |",
    f"| {lists.MOST_BYTES:,} bytes, {lists.MOST_ROWS} patients, {lists.LONGEST_CELL} characters a",
    f"a logo | {logo.MAX_LOGO_BYTES:,} bytes |",
    f"one at a time, {health.MOST_A_SECOND} in a second |",
    f"requests at the same time | {server.THREADS}; besides, {server.DESK_THREADS} of the desk and",
    f"the browser is slower than we are | {server.LONGEST_DOWNLOAD // 60} minutes |",
    f"at the same time | {server.LIMITS['connection_limit']}; each is closed",
    f"after {server.LIMITS['channel_timeout']} seconds |",
    f"| {server.LIMITS['max_request_header_size']:,} bytes; {bounds.MAX_COOKIES} |",
    f"| {server.MOST_BEFORE_A_CHUNK:,} bytes; {server.LIMITS['max_request_header_size']:,} |",
    f"the {round(len(passwords.COMMON), -3):,} that are tried first",
)


@pytest.mark.parametrize("limit", LIMITS)
def test_a_limit_is_written_as_it_is(limit):
    assert limit in text_of("docs/threats.md")
