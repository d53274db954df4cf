"""Rule packs in the browser: sent, checked, compared, put in force, gone back from."""

import zipfile
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest
from werkzeug.formparser import FormDataParser

from intake import packs
from intake.actions import rule_packs
from intake.core.errors import PackError
from intake.packs.signing import sign
from intake.web import LARGE_BODIES, MAX_BODY_BYTES
from tests.conftest import NOW
from tests.packs.builders import TINY, edited, written
from tests.web.pages import Page

NEWER = edited(
    ("pack.yaml", "version: 1.0.0", "version: 2.0.0"),
    ("questionnaire.yaml", "Have you ever had", "Did you ever have"),
)
REASON = {"reason": "Asked for by the medical lead"}


@pytest.fixture
def tiny_in_force(store, app):
    """The tiny pack in force: its check takes no time."""
    return rule_packs.activate(store, TINY, actor="test", now=NOW)


def zipped(texts):
    body = BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in texts.items():
            packed.writestr(name, text)
    return BytesIO(body.getvalue())


def send(cleo, texts):
    return cleo.post("/desk/packs", {"packed": (zipped(texts), "pack.zip")})


def address(texts):
    return f"/desk/packs/{packs.hash_of(texts)}"


def seen(cleo, texts):
    form = cleo.get(address(texts)).form_to(f"{address(texts)}/activate")
    return {"seen": form.controls()["seen"][0]}


def test_a_pack_is_checked_compared_and_put_in_force(cleo, store, tiny_in_force):
    sent = send(cleo, NEWER)
    page = cleo.get(sent.location)
    before = rule_packs.hash_in_force(store)

    done = cleo.post(f"{address(NEWER)}/activate", {**REASON, **seen(cleo, NEWER)})

    assert sent.location == address(NEWER)
    assert "Kept, not in force" in page.words
    assert "is asked differently: was 'Have you ever had" in page.words
    assert "not sure never fails open" in page.words
    assert "vignettes notice small faults: not run here" in page.words
    assert before == packs.hash_of(TINY)
    assert done.location == "/desk/packs"
    assert rule_packs.hash_in_force(store) == packs.hash_of(NEWER)
    after = cleo.get("/desk/packs").words
    assert "Cleo Administrator" in after
    assert REASON["reason"] in after


def test_a_pack_says_whose_sign_offs_it_brings_before_it_is_put_in_force(
    cleo, tiny_in_force, tmp_path
):
    folder = written(tmp_path / "tiny", TINY)
    word = {"by": "Dr Eve Else", "role": "dermatologist", "on": NOW.date()}
    sign(folder, packs.load(folder, NOW.date()), ["cold-sore"], **word)

    page = cleo.get(send(cleo, packs.texts_of(folder)).location)

    assert "sign-off of rule cold-sore" in page.words
    assert "is new: reviewed by Dr Eve Else (dermatologist) on 2026-06-15" in page.words


def test_a_folder_may_be_sent_instead(cleo, tiny_in_force):
    files = [(BytesIO(text.encode()), f"tiny/{name}") for name, text in NEWER.items()]

    assert cleo.post("/desk/packs", {"folder": files}).location == address(NEWER)


def test_every_problem_is_said_with_its_place(cleo, contents, tiny_in_force):
    spoilt = edited(
        ("rules/all.yaml", "level: defer", "level: allow"),
        ("pack.yaml", "name: tiny", "colour: red\nname: tiny"),
    )
    before = contents()

    page = send(cleo, spoilt)

    assert page.status == 422
    assert "pack.yaml:1: 'colour' is not a key here" in page.words
    assert "'allow' cannot stand for level" in page.words
    assert "2 problems" in page.words
    assert contents() == before


def test_going_back_is_offered_and_asks_for_a_reason(cleo, store, tiny_in_force):
    send(cleo, NEWER)
    cleo.post(f"{address(NEWER)}/activate", {**REASON, **seen(cleo, NEWER)})

    page = cleo.get(address(TINY))
    without = cleo.post(f"{address(TINY)}/activate", {**seen(cleo, TINY), "reason": ""})
    back = cleo.post(f"{address(TINY)}/activate", {**seen(cleo, TINY), "reason": "Too strict"})

    assert "Go back to this pack" in page.words
    assert without.status == 422
    assert any("Write why" in words for _, words in without.faults())
    assert back.location == "/desk/packs"
    assert rule_packs.hash_in_force(store) == packs.hash_of(TINY)


def test_what_was_typed_stays_when_it_is_refused(cleo, tiny_in_force):
    wrong = edited(("vignettes/all.yaml", "triage: stop", "triage: review"))
    send(cleo, wrong)

    page = cleo.post(f"{address(wrong)}/activate", {**REASON, **seen(cleo, wrong)})

    assert page.status == 422
    assert any("have read them" in words for _, words in page.faults())
    assert page.form_to(f"{address(wrong)}/activate").controls()["reason"] == [REASON["reason"]]


def test_another_pack_in_the_meantime_is_said(cleo, store, tiny_in_force):
    send(cleo, NEWER)
    old = seen(cleo, NEWER)
    other = edited(("pack.yaml", "version: 1.0.0", "version: 3.0.0"))
    rule_packs.activate(store, other, actor="test", now=NOW)

    page = cleo.post(f"{address(NEWER)}/activate", {**REASON, **old})

    assert page.status == 409
    assert any("Another pack was put in force" in words for _, words in page.faults())
    assert page.form_to(f"{address(NEWER)}/activate").controls()["seen"] == [packs.hash_of(other)]
    assert rule_packs.hash_in_force(store) == packs.hash_of(other)


def test_what_somebody_else_put_in_force_already_leads_to_the_packs(cleo, tiny_in_force):
    send(cleo, NEWER)
    typed = {**REASON, **seen(cleo, NEWER)}
    cleo.post(f"{address(NEWER)}/activate", typed)

    again = cleo.post(f"{address(NEWER)}/activate", typed)

    assert again.location == "/desk/packs"
    assert "is in force already" in cleo.get("/desk/packs").words


def test_patients_who_are_called_back_are_told_of_with_the_activation(cleo, tiny_in_force):
    send(cleo, NEWER)
    cleo.post(f"{address(NEWER)}/activate", {**REASON, **seen(cleo, NEWER)})

    assert "are called back" in cleo.get("/desk/packs").words


def test_files_on_the_server_that_were_in_force_before_put_nobody_under_suspicion(
    cleo, tiny_in_force
):
    page = cleo.get("/desk/packs")

    assert "are those of version 0.1.0, which was in force before" in page.words
    assert "ask who did" not in page.words


def test_files_on_the_server_that_nobody_knows_are_asked_about(
    app, cleo, tiny_in_force, tmp_path, monkeypatch
):
    house = app.extensions["intake"]
    others = written(tmp_path / "others", edited(("pack.yaml", "1.0.0", "1.5.0")))
    monkeypatch.setattr(house, "settings", replace(house.settings, rules=others))

    page = cleo.get("/desk/packs")

    assert "ask who did" in page.words


def test_what_runs_beside_the_rules_is_marked_in_the_list(cleo, tiny_in_force, pack):
    for texts in (NEWER, edited(("pack.yaml", "version: 1.0.0", "version: 3.0.0"))):
        send(cleo, texts)
        cleo.post(f"{address(texts)}/passes/shadow")

    page = cleo.get("/desk/packs")

    assert "2 other packs run" in page.words
    assert len([one for one in page.root.all("a", class_="tag") if one.text == "runs beside"]) == 2


def test_of_a_great_many_problems_the_first_are_shown(cleo, tiny_in_force, monkeypatch):
    many = tuple(f"rules/all.yaml:{n}: no" for n in range(60))

    def broken(*_, **__):
        raise PackError(many)

    monkeypatch.setattr(rule_packs, "check_and_keep", broken)

    page = send(cleo, NEWER)

    lists = page.root.all("ol", class_="problems")
    assert [len(one.all("li")) for one in lists] == [50, 10]
    assert "10 more problems" in page.root.one("details", class_="more").text


def test_the_rule_book_of_any_kept_pack_can_be_read(cleo, pack, tiny_in_force):
    send(cleo, NEWER)

    for hash_ in (packs.hash_of(NEWER), pack.hash):
        answer = cleo.client.get(f"/desk/packs/{hash_}/book")
        assert answer.status_code == 200
        assert hash_[:12] in answer.text
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_a_pack_that_cannot_be_loaded_any_more_says_why(cleo, store, tiny_in_force):
    broken = edited(("rules/all.yaml", "level: defer", "level: allow"))
    with store.write() as db:
        rule_packs.packs_kept.keep_pack(
            db, hash_="b" * 64, name="tiny", version="0.9", files=broken, now=NOW
        )
        rule_packs.packs_kept.put_in_force(db, "b" * 64, by="test", now=NOW)
        rule_packs.packs_kept.put_in_force(db, tiny_in_force.hash, by="test", now=NOW)
    at = f"/desk/packs/{'b' * 64}"

    page = cleo.get(at)

    assert "cannot be put in force" in page.words
    assert "'allow' cannot stand for level" in page.words
    assert cleo.post(f"{at}/activate", {**REASON, "seen": tiny_in_force.hash}).location == at
    assert cleo.get(f"{at}/book").location == at
    assert cleo.post(f"{at}/check").location == at
    assert rule_packs.hash_in_force(store) == tiny_in_force.hash


def test_nothing_chosen_is_said(cleo, tiny_in_force):
    page = cleo.post("/desk/packs")

    assert page.status == 422
    assert page.faults() == [("packed", "Choose a zip of the pack’s folder, or the folder itself.")]


@pytest.mark.parametrize(
    "body", [b"", b"not a zip", b"PK\x03\x04" + b"\xff" * 500], ids=["empty", "text", "spoilt"]
)
def test_a_file_that_is_no_zip_is_said(cleo, contents, tiny_in_force, body):
    before = contents()

    page = cleo.post("/desk/packs", {"packed": (BytesIO(body), "pack.zip")})

    assert page.status == 422
    assert contents() == before


def test_only_a_pack_may_be_large(cleo, contents, tiny_in_force):
    before = contents()

    taken = send_bytes(cleo, "/desk/packs", MAX_BODY_BYTES * 2)
    refused = send_bytes(cleo, "/desk/packs", LARGE_BODIES["desk.check_pack"] + 1)
    elsewhere = send_bytes(cleo, "/desk/accounts", MAX_BODY_BYTES * 2)

    assert (taken.status, refused.status, elsewhere.status) == (422, 413, 413)
    assert contents() == before


@pytest.mark.parametrize("who", ["nobody", "a desk that lapsed"])
def test_a_large_body_is_not_read_before_somebody_signs_in(stranger, cleo, clock, monkeypatch, who):
    clock.at += timedelta(minutes=11)
    read = []
    monkeypatch.setattr(FormDataParser, "parse", lambda *args: read.append(args))

    page = send_bytes(stranger if who == "nobody" else cleo, "/desk/packs", MAX_BODY_BYTES * 2)

    assert page.location == "/desk/sign-in"
    assert read == []


def send_bytes(cleo, path, number):
    """Send a file of so many bytes, as a browser puts it together."""
    lines = (
        "--edge",
        'Content-Disposition: form-data; name="csrf_token"',
        "",
        cleo.token(),
        "--edge",
        'Content-Disposition: form-data; name="packed"; filename="pack.zip"',
        "",
        "x" * number,
        "--edge--",
        "",
    )
    body = "\r\n".join(lines).encode()
    kind = "multipart/form-data; boundary=edge"
    return Page(cleo.client.post(path, data=body, content_type=kind))


def test_checking_again_shows_the_findings(cleo, tiny_in_force):
    page = cleo.post(f"{address(TINY)}/check")

    assert page.location == address(TINY)
    assert "vignettes hold" in cleo.get(page.location).words


def test_of_checks_there_is_one_at_a_time(cleo, tiny_in_force, monkeypatch):
    from intake.web import desk_packs  # noqa: PLC0415 - only its lock is meant

    with desk_packs._ONE_AT_A_TIME:
        page = send(cleo, NEWER)

    assert page.status == 409
    assert "Wait half a minute" in page.words
