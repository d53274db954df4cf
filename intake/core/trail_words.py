"""What the audit trail says, in words: who did what, by look-up table."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from intake.core.display import short_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from intake.core.records import AuditEvent

AUDIT: Mapping[str, str] = {
    "account added": "added an account",
    "account disabled": "switched an account off",
    "account enabled": "let an account in again",
    "addendum written": "added an addendum",
    "answers confirmed": "confirmed answers of an earlier visit",
    "appointments checked": "looked through a list of appointments",
    "appointments taken over": "prepared intakes from a list of appointments",
    "assessed later": "had the form assessed",
    "amendment begun": "began a new version of this form",
    "backup failed": "could not make a backup that was due",
    "backup made": "made a backup",
    "clinic moved": "moved the clinic to another database",
    "clinic moved away": "moved the clinic away from this database",
    "backups removed": "removed backups that held what was erased",
    "backup restored": "put a backup in the place of the clinic",
    "case exported": "took the case out in a table",
    "case given back": "gave the case back to the queue",
    "case read": "read the case",
    "case refused": "was refused the case: it belongs to another site",
    "case taken": "took the case",
    "course read": "read the course",
    "company told": "was told who helps with the form",
    "confirmed at the chair": "asked the questions at the chair",
    "decided": "recorded a decision",
    "figures exported": "exported figures",
    "finding accepted elsewhere": "accepted a finding in another system",
    "finding overridden elsewhere": "overrode a finding in another system",
    "day confirmed": "confirmed that the clock is right",
    "day printed": "took out the summaries of a day",
    "device checked": "was checked after a visit",
    "device cleaned": "noted that a device was cleaned",
    "document made": "made a document of the case",
    "recall dealt with": "dealt with the recall",
    "recall ended": "ended the recall: other rules came into force",
    "recalled": "called the patient back: rules in force are stricter",
    "record erased": "erased the record",
    "record refused": "asked for a record that is not theirs",
    "records exported": "exported records",
    "records kept": "kept a record up to date",
    "entering begun": "began to enter the answers for the patient",
    "handed over": "handed the form to the patient",
    "history replayed": "made every stored screening again",
    "hold lifted": "lifted the hold on a record",
    "hold placed": "put a record on hold",
    "help wanted": "wanted help with questions",
    "intake begun": "began the intake",
    "language chosen": "chose another language",
    "list read": "read a list of patients",
    "look-up refused": "gave a date of birth that is not the record's",
    "not assessed": "could not be read; the form is not assessed",
    "page refused": "asked for a page that is not for their role",
    "page saved": "saved a page",
    "pass begun": "had another rule pack held against every case",
    "pass ended": "ended holding another rule pack against cases",
    "pass exported": "took out what another rule pack would do",
    "password changed": "changed their password",
    "password reset": "gave an account a new one-time password",
    "patient looked up": "looked up a patient who may be erased",
    "patient registered": "registered a patient",
    "patient read": "read who the patient is",
    "patients searched": "searched the patients",
    "private answers read": "opened what was asked in private",
    "queue made anew": "made the queue anew, which others had changed",
    "queue read": "read the queue",
    "queue searched": "searched the queue",
    "plan changed": "changed the treatment plan",
    "reaction noted": "noted a reaction to the session",
    "retention decided": "decided how long records are kept",
    "role changed": "changed the role of an account",
    "rule failed": "could not judge a rule",
    "rules checked": "checked a rule pack",
    "rules put in force": "put a rule pack in force",
    "screened": "screened the answers",
    "sent": "sent the form",
    "account unlocked": "let an account try again to sign in",
    "code refused": "gave a wrong code",
    "confirmed again": "showed once more who they are",
    "confirming refused": "gave a wrong password when asked once more",
    "emergency begun": "began access in an emergency",
    "emergency ended": "ended access in an emergency",
    "emergency seen": "has seen an access in an emergency",
    "other sessions ended": "ended their other sessions",
    "passkey added": "added a passkey",
    "passkey refused": "gave a passkey that was not accepted",
    "passkey removed": "removed a passkey",
    "recovery code used": "used a recovery code",
    "recovery codes made": "made new recovery codes",
    "second factor added": "added a second factor",
    "second factor reset": "took an account's second factor away",
    "session ended": "ended a session",
    "session recorded": "recorded the session",
    "sessions ended": "signed an account out everywhere",
    "sign-in refused": "was refused at sign-in",
    "sign-ins erased": "erased old traces of signing in",
    "signed in": "signed in",
    "signed out": "signed out",
    "site closed": "closed a site",
    "site opened": "opened a site",
    "site opened again": "opened a site again",
    "site renamed": "renamed a site",
    "sites changed": "changed whose cases an account may read",
    "subscribed": "asked to be told of events",
    "subscription ended": "ended a subscription to events",
    "system let in": "let another system in",
    "system shut out": "shut another system out",
    "event sent again": "had an event sent again",
    "token renewed": "gave another system a new token",
    "tablet added": "made a link for a tablet",
    "tablet enrolled": "was enrolled",
    "tablet revoked": "revoked a tablet",
    "trail checked": "checked the audit trail",
    "trail exported": "exported the audit trail",
    "trail sealed": "sealed what was written before",
    "unlocking refused": "was refused at a locked form",
    "visit locked": "locked the form",
    "visit parked": "ended a visit left locked, or open too long",
    "visit refused": "ended a visit: the form was somebody else's",
    "visit unlocked": "opened the locked form",
    "withdrawn": "withdrew the intake",
}
"""What somebody did, after their name."""

ACTOR: Mapping[str, str] = {
    "command line": "Command line",
    "nobody": "Somebody unknown",
    "program": "The program",
    "receiver": "Whoever receives events",
    "rules": "The rules",
    "server": "The server",
    "tablet": "Tablet",
}
"""Who acts without an account."""


def actor_words(event: AuditEvent, people: Mapping[str, str]) -> str:
    """Say who acted: the name of an account, or what acts without one."""
    return actor_name(event.actor, people)


def actor_name(actor: str, people: Mapping[str, str]) -> str:
    """Say who an actor of the audit trail is."""
    return people.get(actor) or ACTOR.get(actor, actor)


def audit_words(event: AuditEvent) -> str:
    """Say what was done; an act without words reads as its code."""
    return AUDIT.get(event.action) or event.action.replace("_", " ").replace(".", " ")


def in_runs(events: Iterable[AuditEvent]) -> list[tuple[AuditEvent, int]]:
    """Take the same act by the same actor, time after time, as one line with a count.

    A form of thirty pages is saved thirty times; the first of them tells when it began.
    """
    runs = groupby(events, key=lambda e: (e.actor, e.action, tuple(sorted(e.detail.items()))))
    return [(run[0], len(run)) for run in ([*found] for _, found in runs)]


def audit_facts(event: AuditEvent) -> str:
    """Say the facts kept with an event: short, and never about the patient."""
    told = ((k, str(v)) for k, v in event.detail.items() if v not in (None, "") and k != EMERGENCY)
    facts = [f"{k.replace('_', ' ')} {short_id(v)}" for k, v in told]
    return " · ".join([*(["in an emergency"] if EMERGENCY in event.detail else []), *facts])


EMERGENCY = "emergency"
"""Marks an event of an access in an emergency."""
