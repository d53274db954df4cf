"""Names that are made the same way each time."""

import uuid

from hypothesis import given
from hypothesis import strategies as st

from intake.exports.fhir.naming import uuid_of

OURS = uuid.UUID("6ce0f5ab-3d0c-5c43-9a9d-4a0f0b6f1c52")


@given(kind=st.text(), id_=st.text())
def test_an_id_is_what_everybody_else_makes_of_the_same_name(kind, id_):
    assert uuid_of(kind, id_) == str(uuid.uuid5(OURS, f"{kind}/{id_}"))
