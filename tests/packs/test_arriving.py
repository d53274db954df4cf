"""A pack from outside: honest zips and folders, and those made to do harm."""

import re
import stat
import zipfile
from io import BytesIO

import pytest

from intake.core.errors import PackError
from intake.packs import arriving, load_texts
from intake.packs.arriving import texts_in_zip, texts_of_files
from intake.packs.reading import (
    MAX_BYTES,
    MOST_PIECES,
    MOST_PROBLEMS,
    MOST_TOGETHER,
    Budget,
    parse,
)
from tests.conftest import TODAY
from tests.packs.builders import TINY


def zipped(texts, before="", method=zipfile.ZIP_DEFLATED):
    body = BytesIO()
    with zipfile.ZipFile(body, "w", method) as packed:
        for name, text in texts.items():
            packed.writestr(f"{before}{name}", text)
    return body.getvalue()


def refused(read):
    with pytest.raises(PackError) as caught:
        read()
    return caught.value.problems


@pytest.mark.parametrize("before", ["", "tiny/", "downloads/packs/tiny/"])
def test_a_zip_is_read_wherever_the_folder_begins(before):
    assert texts_in_zip(zipped(TINY, before)) == TINY


@pytest.mark.parametrize("before", ["", "tiny/"])
def test_a_folder_is_read(before):
    files = [(before + name, text.encode()) for name, text in TINY.items()]

    assert texts_of_files(files) == TINY


def test_what_is_no_part_of_a_pack_is_passed_over():
    more = {
        "README.md": "words",
        "generated-cases.jsonl": "{}",
        "__MACOSX/tiny/._pack.yaml": "\0",
        "other.txt": "x",
    }

    assert texts_in_zip(zipped({**more, **{f"tiny/{n}": t for n, t in TINY.items()}})) == TINY


def test_line_ends_of_other_computers_read_the_same():
    files = [(name, text.replace("\n", "\r\n").encode()) for name, text in TINY.items()]

    assert texts_of_files(files) == TINY


@pytest.mark.parametrize(
    "name",
    [
        "../pack.yaml",
        "a/../../x.yaml",
        "/etc/x.yaml",
        "C:/x.yaml",
        "..\\..\\x.yaml",
        "rules//x.yaml",
        "./x.yaml",
        "rules/a\nb.yaml",
        "x" * 300 + ".yaml",
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(name):
    files = [(n, t.encode()) for n, t in TINY.items()] + [(name, b"x: y")]

    problems = refused(lambda: texts_of_files(files))

    assert len(problems) == 1
    assert "this name" in problems[0]
    assert "\n" not in problems[0]


def _zip_with(name, mode=0, content=b"x: y"):
    body = BytesIO(zipped(TINY))
    with zipfile.ZipFile(body, "a") as packed:
        entry = zipfile.ZipInfo(name)
        entry.external_attr = mode << 16
        packed.writestr(entry, content)
    return body.getvalue()


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_a_link_or_device_in_a_zip_is_refused(kind):
    problems = refused(lambda: texts_in_zip(_zip_with("rules/x.yaml", kind | 0o644)))

    assert problems == (
        "rules/x.yaml:1: this is a link or a device and no file; put the file itself into the zip",
    )


def test_a_file_that_is_there_twice_is_refused():
    with pytest.warns(UserWarning, match="Duplicate name"):
        body = _zip_with("pack.yaml")

    assert "pack.yaml:1: this file is there twice" in refused(lambda: texts_in_zip(body))


def test_a_file_that_unpacks_to_too_much_is_not_unpacked():
    body = _zip_with("rules/x.yaml", content=b"")
    bomb = BytesIO(body)
    with zipfile.ZipFile(bomb, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("rules/bomb.yaml", b"#" * 100_000_000)

    problems = refused(lambda: texts_in_zip(bomb.getvalue()))

    assert len(bomb.getvalue()) < 200_000
    assert problems == (
        f"rules/bomb.yaml:1: the file is too large; at most {MAX_BYTES:,} bytes are read",
    )


def test_many_files_that_together_are_too_much_are_refused():
    files = {f"rules/{n}.yaml": "#" * (MAX_BYTES - 1) for n in range(9)}

    problems = refused(lambda: texts_in_zip(zipped({**TINY, **files})))

    assert "together they are too large" in problems[0]


def test_a_size_that_the_zip_only_claims_is_not_believed():
    body = bytearray(zipped({**TINY, "rules/x.yaml": "#" * (MAX_BYTES + 10)}))
    size = (MAX_BYTES + 10).to_bytes(4, "little")
    assert body.count(size) == 2
    lying = bytes(body).replace(size, (10).to_bytes(4, "little"))

    assert refused(lambda: texts_in_zip(lying))


def test_too_many_entries_are_refused():
    files = {f"x/{n}.txt": "" for n in range(arriving.MOST_ENTRIES)}

    assert "entries" in refused(lambda: texts_in_zip(zipped({**TINY, **files})))[0]


def test_too_many_files_are_refused():
    files = {f"rules/{n}.yaml": "a: b" for n in range(200)}

    assert "a pack has at most 200" in refused(lambda: texts_in_zip(zipped({**TINY, **files})))[0]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"PK",
        b"not a zip",
        b"PK\x05\x06" + b"\0" * 18,
        zipped(TINY)[:-30],
        zipped(TINY)[:200] + b"\xff" * 400 + zipped(TINY)[600:],
    ],
    ids=["empty", "short", "text", "no entry", "cut", "spoilt"],
)
def test_what_is_no_zip_is_said_in_words(body):
    problems = refused(lambda: texts_in_zip(body))

    assert problems
    assert all("Traceback" not in problem for problem in problems)


def test_an_unusual_packing_is_refused():
    body = zipped(TINY, method=zipfile.ZIP_BZIP2)

    assert "make an ordinary zip" in refused(lambda: texts_in_zip(body))[0]


def test_an_encrypted_zip_is_refused():
    body = bytearray(zipped({"pack.yaml": "a: b"}))
    at = bytes(body).index(b"PK\x01\x02")
    body[at + 8] |= 1

    assert "without a password" in refused(lambda: texts_in_zip(bytes(body)))[0]


def test_without_a_pack_file_it_is_no_pack():
    assert "there is none" in refused(lambda: texts_in_zip(zipped({"rules/x.yaml": "a: b"})))[0]


def test_two_packs_are_not_taken_for_one():
    both = {f"{folder}/{n}": t for folder in ("a", "b") for n, t in TINY.items()}

    assert "several packs" in refused(lambda: texts_in_zip(zipped(both)))[0]


def test_what_a_clinic_chose_does_not_come_with_a_pack():
    problems = refused(lambda: texts_in_zip(zipped({**TINY, "clinic.yaml": "settings: {}"})))

    assert problems[0].startswith("clinic.yaml:1: what a clinic chose is no part of a pack")


def test_every_fault_of_a_file_is_said_at_once():
    files = [(n, t.encode()) for n, t in TINY.items()]
    files += [("rules/b.yaml", b"\xff\xfe"), ("rules/c.yml", b"a: b")]

    problems = refused(lambda: texts_of_files(files))

    assert problems == (
        "rules/b.yaml:1: the file is not UTF-8 text; save it as UTF-8",
        "rules/c.yml:1: files of a pack end in .yaml; rename it",
    )


def test_a_file_that_is_all_pieces_is_refused_where_it_becomes_too_much():
    tree, problems = parse("rules/a.yaml", "a:\n" + "- b\n" * 1000, Budget(100))

    assert tree is None
    assert re.match(r"rules/a\.yaml:\d\d: this is too much; a pack has at most", problems[-1])


def test_the_files_of_a_pack_share_what_may_be_read():
    budget = Budget(100)

    first, second = (parse(name, "a:\n" + "- b\n" * 60, budget)[0] for name in ("a", "b"))

    assert first is not None
    assert second is None


def test_a_file_full_of_problems_is_given_up_after_many():
    _, problems = parse("rules/a.yaml", "a: b\n" * 20_000)

    assert len(problems) == MOST_PROBLEMS + 1
    assert problems[-1].endswith("mend these first")


def test_texts_that_together_are_too_much_are_not_read():
    files = {**TINY, **{f"rules/{n}.yaml": "#" * MAX_BYTES for n in range(4)}}

    assert "together the files are too large" in refused(lambda: load_texts(files, TODAY))[0]


def test_the_shipped_pack_leaves_room_to_grow(shipped_files):
    budget = Budget()
    for name, text in shipped_files.items():
        parse(name, text, budget)

    assert budget.pieces > MOST_PIECES / 3
    assert sum(len(text.encode()) for text in shipped_files.values()) < MOST_TOGETHER / 2
