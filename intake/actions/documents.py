"""Making documents of cases: who may, what goes into them, and the line in the audit trail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from intake.actions.decide import PRIVATE_READ
from intake.actions.names import systems
from intake.actions.permission import require_recipient
from intake.core.casefile import case_file
from intake.core.errors import NotFoundError
from intake.core.review import within_reach
from intake.exports.case_document import case_html, case_pdf
from intake.exports.dossier import Dossier, Maker
from intake.exports.pdf import Paper
from intake.exports.sealing import Form
from intake.storage import audit, cards, cases, people, responses, trail

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date, datetime, tzinfo

    from jinja2 import Environment

    from intake.actions.permission import Recipient
    from intake.core.records import AuditEvent, Case
    from intake.core.rules import RulePack
    from intake.exports.dossier import AsRead
    from intake.exports.sealing import Sealed
    from intake.storage import Store

MADE = "document made"
COMMAND_LINE = "command line"


@dataclass(frozen=True, slots=True)
class Press:
    """What the house needs to make documents.

    Attributes:
        environment: Renders them.
        zone: The clinic's time zone; None takes the computer's.
        version: That of the program.
        pack_of: Finds a kept pack by its hash, for a day.
        say: Says a text of the program's own in a language, where it has words for it.
        as_read: Says answers as their patient saw them: a pack, its raw answers, and for each the
            language and the day of the answer.
    """

    environment: Environment
    clinic: str
    zone: tzinfo | None
    version: str
    pack_of: Callable[[str, date | None], RulePack]
    say: Callable[[str, str], str]
    as_read: Callable[
        [RulePack, Case, Mapping[str, str], Mapping[str, datetime]], Mapping[str, AsRead]
    ]

    def maker(self, by: Recipient, now: datetime) -> Maker:
        """Return what a document says of its making."""
        return Maker(self.clinic, by, now, self.zone, self.version)


def document_of(
    store: Store,
    press: Press,
    *,
    response_id: str,
    form: Form,
    by: Recipient,
    now: datetime,
    paper: Paper = Paper.A4,
) -> Sealed:
    """Make the document of one case; that it was made is audited, with its hash.

    Args:
        store: Where the case is.
        press: What documents are made with.
        response_id: Which case.
        form: The kind of file.
        by: To whom it goes.
        now: When.
        paper: The size of a PDF's sheets.

    Raises:
        NotFoundError: there is no such case.
        StateError: this computer cannot make a PDF; says what to install.
    """
    actor = require_recipient(by)
    maker = press.maker(by, now)
    dossier = dossier_of(store, press, response_id, maker)
    if form is Form.PDF:
        made = case_pdf(dossier, press.environment, paper)
    else:
        made = case_html(dossier, press.environment)
    before = dossier.case.before
    with store.write() as db:
        audit.append(
            db, at=now, actor=actor, action=MADE, subject=response_id,
            form=form.value, sha256=made.sha256,
        )  # fmt: skip
        if before is not None:  # how its private answers changed is in the document
            audit.append(db, at=now, actor=actor, action=PRIVATE_READ, subject=before.id)
    return made


def dossier_of(store: Store, press: Press, response_id: str, maker: Maker) -> Dossier:
    """Read what its maker may read of a case at one moment: nobody writes in between."""
    with store.write():
        case = cases.case(store, response_id)
        if case is None:
            msg = "There is no such case."
            raise NotFoundError(msg)
        case = within_reach(case, maker.by)
        head = trail.head(store.connection)
        events = tuple(audit.of_subject(store, response_id))
        times = responses.answer_times(store, response_id)
        languages = responses.answer_languages(store, response_id)
        everybody = {who.id: who for who in people.practitioners(store)}
        others, answered = systems(store), tuple(cards.answers_to(store, response_id))
    pack = pack_of_case(case, press.pack_of)
    return Dossier(
        maker=maker,
        file=case_file(case, pack, maker.today),
        people=everybody,
        events=events,
        head=head,
        times=times,
        languages=languages,
        as_read=press.as_read(pack, case, languages, times),
        systems=others,
        answered=answered,
    )


def pack_of_case(case: Case, pack_of: Callable[[str, date | None], RulePack]) -> RulePack:
    """Return the pack a case was screened with, or else the one it is filled in under."""
    stored = case.screening
    if stored is None:
        return pack_of(case.response.pack_hash, None)
    return pack_of(stored.screening.pack_hash, stored.screening.on)


def making_of(store: Store, sha256: str) -> AuditEvent | None:
    """Return the line that says who made the document of this hash; None when nobody here did."""
    return audit.with_hash(store, sha256)
