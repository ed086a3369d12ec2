"""Who is told of a run, when, and in which words. Pure: mails are made here and sent elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from accord.datasync.body import JobBody
from accord.datasync.loose import Loose, wrong

NOT_SENT = "MAIL_NOT_SENT"
_MOST_ROWS = 200


class When(IntEnum):
    """When somebody is told, by the numbers of the contract's list, counted from 0."""

    ALWAYS = 0
    UPDATED = 1
    ERRORS = 2
    FAILED = 3


_WORDS = {
    "always": When.ALWAYS, "recordsareupdated": When.UPDATED, "onupdate": When.UPDATED, "updated": When.UPDATED,
    "oneormoreerrorsoccur": When.ERRORS, "onerror": When.ERRORS, "errors": When.ERRORS, "jobfails": When.FAILED,
    "onfailure": When.FAILED, "failed": When.FAILED,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Whom to tell and when; nobody without recipients. `is_for_each`: of a collection, one mail for each job too."""

    recipients: tuple[str, ...] = ()
    when: When = When.ALWAYS
    is_for_each: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One run as a mail tells it: lines are what became of rows."""

    name: str
    state: str
    message: str
    counts: Mapping[str, int]
    lines: Sequence[str]
    started_at: str
    ended_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail to send. `is_secret`: it may only travel sealed."""

    recipients: tuple[str, ...]
    subject: str
    text: str
    is_secret: bool = False


def notice_of(body: JobBody) -> Notice:
    """Return whom a job tells: settings IsNotificationEnabled, NotifyWhen and NotificationRecipients."""
    settings = body.settings
    if not settings.flag("IsNotificationEnabled"):
        return Notice()
    return Notice(
        recipients=_addresses(settings.get("NotificationRecipients")),
        when=_when(settings.get("NotifyWhen", "0"), "settings.NotifyWhen"),
    )


def notice_of_collection(content: Mapping[str, object]) -> Notice:
    """Return whom a collection tells; the notices of its jobs do not count in it."""
    body = Loose(content)
    if not body.flag("isNotificationEnabled"):
        return Notice()
    return Notice(
        recipients=_addresses(body.text("notificationRecipients")),
        when=_when(body.text("notifyWhen", "0"), "notifyWhen"),
        is_for_each=body.flag("notificationSendIndividualEmail"),
    )


def is_due(notice: Notice, state: str, counts: Mapping[str, int]) -> bool:
    """Tell whether a run that ended so is told of."""
    if not notice.recipients:
        return False
    has_failed = state in ("Failed", "Held")
    match notice.when:
        case When.ALWAYS:
            return True
        case When.UPDATED:
            return any(name.endswith(" done") for name in counts)
        case When.ERRORS:
            return has_failed or state == "CompletedWithErrors"
        case When.FAILED:
            return has_failed


def mail_of(notice: Notice, told: Told) -> Mail:
    """Return the mail that tells of a run: how it ended, how many of what, and the rows worth telling."""
    counts = [f"  {count} {name}" for name, count in sorted(told.counts.items())] or ["  nothing to change"]
    rows = list(told.lines[:_MOST_ROWS])
    if len(told.lines) > _MOST_ROWS:
        rows.append(f"  and {len(told.lines) - _MOST_ROWS} more: see the run")
    lines = [f"{told.name}: {told.state}", told.message, "", f"from {told.started_at} to {told.ended_at}", "", *counts]
    if rows:
        lines += ["", "Rows that were not done:", *rows]
    return Mail(recipients=notice.recipients, subject=f"{told.name}: {told.state}", text="\n".join(lines) + "\n")


def mail_of_passwords(recipients: tuple[str, ...], job: str, passwords: Sequence[tuple[str, str]]) -> Mail:
    """Return the mail that hands passwords of new accounts over, each with the account's name."""
    lines = [f"{name}: {text}" for name, text in passwords]
    text = "\n".join([f"{job} made these accounts. Their first passwords:", "", *lines, ""])
    return Mail(recipients=recipients, subject=f"{job}: first passwords", text=text, is_secret=True)


def wants_manager_told(body: JobBody, object_type: int) -> bool:
    """Tell whether the password of a new account goes to its manager."""
    return any(
        Loose(line.options, f"{line.place}.options").flag("managerNotification") for line in body.fields_of(object_type)
    )


def _addresses(text: str) -> tuple[str, ...]:
    found = tuple(part.strip() for part in text.replace(",", ";").split(";") if part.strip())
    bad = [address for address in found if "@" not in address or any(c in address for c in "\r\n <>")]
    if bad:
        raise wrong("NotificationRecipients", f"{bad[0]!r} is not the address of a mailbox")
    return found


def _when(text: str, place: str) -> When:
    word = "".join(c for c in text.casefold() if c.isalnum())
    if word in _WORDS:
        return _WORDS[word]
    if not word.isdigit() or int(word) not in tuple(When):
        raise wrong(place, f"{text!r} is not known", "0 always, 1 records are updated, 2 errors occur, 3 the job fails")
    return When(int(word))
