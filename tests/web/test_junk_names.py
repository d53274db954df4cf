"""Names no honest form has, of fields on the tablet: passed over, never a fault."""

from werkzeug.datastructures import MultiDict

from intake.core.answers import MAX_MEDICINES
from intake.storage import responses
from intake.web.tablet_medicines import MedicinesParts
from tests.web.test_junk import TABLET, faulty, junk, send


def each_renamed(honest, spoiled):
    """Put something else in the place of each part of each name."""
    for name, value in honest.items():
        parts = name.encode().split(b"-")
        for at in range(len(parts)):
            yield {**honest, b"-".join([*parts[:at], spoiled, *parts[at + 1 :]]): value}


@junk
def test_the_pages_of_the_tablet(tablet, spoiled):
    answers = [
        send(tablet, path, fields)
        for path, honest in TABLET.items()
        for fields in each_renamed(honest, spoiled)
    ]

    assert faulty(answers) == []


def test_a_row_without_a_number_of_ours_says_nothing_about_medicines(tablet, store, ids):
    page = send(tablet, "/tablet/page/medicine_names", {"medicines-entries-²-name": "Aspirin"})

    assert page.status < 500
    assert "medicines" not in responses.response(store, ids["begun"]).answers


def test_of_nine_hundred_rows_no_more_are_read_than_show_that_they_are_too_many(app):
    sent = MultiDict((f"entries-{number}-name", "Aspirin") for number in range(900))

    with app.test_request_context():
        form = MedicinesParts(sent)

    assert len(form.entries) == MAX_MEDICINES + 1
