"""What the desk shows of patients is in the trail, and so is what it refuses."""

from datetime import timedelta

from intake.storage import audit


def acts(store, subject, who, *actions):
    events = audit.of_subject(store, subject)
    return [e.action for e in events if e.actor == who.id and (not actions or e.action in actions)]


def test_a_page_that_shows_a_patient_is_a_line(ben, people, store, ids):
    ben.get(f"/desk/begin/{ids['patient']}")

    assert acts(store, ids["patient"], people.ben) == ["patient read"]


def test_a_reload_is_none(ben, people, store, ids):
    for _ in range(3):
        ben.get(f"/desk/begin/{ids['patient']}")

    assert acts(store, ids["patient"], people.ben) == ["patient read"]


def test_a_later_look_is_another(ben, people, store, ids, clock):
    ben.get(f"/desk/begin/{ids['patient']}")
    clock.at += timedelta(minutes=8)
    ben.get("/desk/rules")
    clock.at += timedelta(minutes=8)
    ben.get(f"/desk/begin/{ids['patient']}")

    assert acts(store, ids["patient"], people.ben) == ["patient read"] * 2


def test_the_lists_are_lines(ben, people, store):
    ben.get("/desk/")
    ben.get("/desk/day")

    found = [acts(store, name, people.ben) for name in ("queue", "day list")]
    assert found == [["list read"]] * 2


def test_a_search_that_finds_nothing_hides_no_reading_of_the_list(ben, people, store):
    ben.post("/desk/find", {"text": "Nobody of that name"})
    for _ in range(2):
        ben.get("/desk/")

    found = acts(store, "queue", people.ben, "queue searched", "list read")
    assert found.count("list read") == 1
    assert "queue searched" in found


def test_what_somebody_asked_for_in_vain_is_a_line(cleo, people, store, ids):
    page = cleo.get(f"/desk/cases/{ids['stop']}")

    assert page.status == 404
    assert acts(store, ids["stop"], people.cleo) == ["record refused"]


def test_a_page_that_is_not_for_ones_role_is_a_line(ada, people, store):
    pages = [ada.get("/desk/accounts") for _ in range(2)]

    assert [page.status for page in pages] == [404, 404]
    assert acts(store, "desk.accounts_page", people.ada) == ["page refused"]


def test_an_id_of_nothing_leaves_no_line(cleo, ada, store):
    before = audit.latest(store, 1)

    pages = [who.get(f"/desk/cases/{'0' * 32}") for who in (cleo, ada)]

    assert [page.status for page in pages] == [404, 404]
    assert audit.latest(store, 1) == before
