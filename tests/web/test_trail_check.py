"""The trail at the desk: its check, and its head where the program cannot rewrite it."""

import re

import pytest

from intake.storage import audit
from intake.storage.heads import kept_heads
from intake.storage.trail_check import verdict_of
from tests.storage.builders import by_hand

CHECK = "/desk/audit/check"
HEAD = re.compile(r"\d+:[0-9a-f]{16}")


def tamper(store, statement):
    by_hand(store.connection, statement)


class TestCheck:
    def test_says_that_all_is_as_it_was_written(self, cleo):
        before = cleo.get("/desk/audit").words
        answer = cleo.post(CHECK)
        after = cleo.get("/desk/audit").words

        assert "Nobody has checked it yet" in before
        assert answer.location == "/desk/audit"
        assert "were as they were written" in after
        assert "by Cleo Administrator" in after

    def test_says_what_is_wrong_as_the_command_does(self, cleo, store, ids):
        tamper(store, "UPDATE audit_events SET actor = 'eve' WHERE sequence = 4")
        (fault,) = verdict_of(store).faults

        cleo.post(CHECK)

        words = cleo.get("/desk/audit").words
        assert fault in words
        assert re.match(r"Line 4 of 2026-06-15 \d\d:\d\d was edited\.", fault)

    def test_compares_the_heads_beside_the_keys_and_in_names_of_backups(self, cleo, store):
        cleo.post("/desk/backups")
        count = verdict_of(store).head.count
        tamper(store, f"DELETE FROM audit_events WHERE sequence > {count - 2}")  # noqa: S608

        cleo.post(CHECK)

        words = cleo.get("/desk/audit").words
        assert "Something was changed outside the program" in words
        assert "more fault" in words

    def test_keeps_a_head(self, cleo, settings):
        cleo.post(CHECK)

        (kept,) = kept_heads(settings.heads).heads
        assert "(check)" in kept.where

    @pytest.mark.parametrize("who", ["ada", "ben"])
    def test_is_for_administrators(self, at_desk, who, store):
        assert at_desk(who).post(CHECK).status == 404
        assert audit.latest(store, 1)[0].action != "trail checked"


class TestHeads:
    def test_stand_on_the_list_of_a_day(self, ada, store, settings):
        words = ada.get("/desk/day").words

        shown = HEAD.search(words)[0]
        assert shown.split(":")[0] == str(kept_heads(settings.heads).heads[0].head.count)

    def test_stand_in_a_document_and_its_record(self, ada, ids, store):
        page = ada.post(f"/desk/cases/{ids['stop']}/document", {"form": "html"})

        shown = HEAD.search(re.search(r"head of the whole trail was then.{0,80}", page.words)[0])
        assert shown

    def test_stand_in_the_name_of_a_backup_and_of_every_file_that_leaves(self, ada, cleo, settings):
        cleo.post("/desk/backups")
        names = [
            ada.post("/desk/export", {"shape": "cases", "form": "jsonl"}),
            ada.post("/desk/figures", {"table": "rules"}),
            cleo.post("/desk/audit/export"),
        ]

        told = [page.answer.headers["Content-Disposition"] for page in names]
        told += [file.name for file in settings.backup_folder.iterdir()]
        assert [name for name in told if not re.search(r"-\d+-[0-9a-f]{16}\.", name)] == []
        assert len(kept_heads(settings.heads).heads) == 4


def test_every_page_of_the_desk_leaves_a_trail_that_checks(ada, cleo, store, ids):
    ada.get("/desk/")
    ada.get(f"/desk/cases/{ids['stop']}")
    cleo.get("/desk/accounts")

    assert verdict_of(store).faults == ()
