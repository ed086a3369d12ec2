"""Mails of jobs through a real mail server: who is told when, and first passwords handed over."""

import socket
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from accord.operations.datasync import collecting, jobs, providers
from offices import Office, active_directory, excel, table_job, text_file


class Letterbox:
    """What arrived, with its recipients."""

    def __init__(self) -> None:
        self.letters: list[tuple[list[str], Message]] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - theirs
        self.letters.append((list(envelope.rcpt_tos), message_from_bytes(envelope.content or b"")))
        return "250 OK"

    def subjects(self) -> list[str]:
        return [str(letter["Subject"]) for _, letter in self.letters]

    def text(self, number: int) -> str:
        return str(self.letters[number][1].get_payload())


class Postman(Controller):
    """A mail server on a free port."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.box = Letterbox()
        super().__init__(self.box, hostname="127.0.0.1", port=port)

    @property
    def values(self) -> dict[str, str]:
        return {"SmtpServer": f"127.0.0.1:{self.port}", "SmtpSecurity": "none", "SmtpFrom": "accord@example.org"}


@pytest.fixture
def postman() -> Iterator[Postman]:
    postman = Postman()
    postman.start()
    yield postman
    # A test may have closed the post office itself.
    if not postman.loop.is_closed():
        postman.stop(no_assert=True)


@pytest.fixture
def desk(office: Office, postman: Postman) -> Office:
    out = text_file(office.folder / "out.csv")
    out["configurationValues"] |= postman.values
    with office.server.writing("ann") as context:
        providers.create_provider(context, excel(office.workbook))
        providers.create_provider(context, out)
    office.fill([("Ann", "Lee", "1")], ("First", "Last", "No"))
    return office


def notified(when: str, **others: str) -> dict[str, Any]:
    body = table_job()
    settings = {"IsNotificationEnabled": "True", "NotifyWhen": when, "NotificationRecipients": "boss@example.org"}
    body["settings"] += [{"key": key, "value": value} for key, value in (settings | others).items()]
    return body


def spoil(office: Office) -> None:
    office.fill([("Ann", "Lee", "1"), ("No", "Key", "")], ("First", "Last", "No"))


@pytest.mark.slow
def test_notices_come_always_on_update_on_error_and_on_failure(desk: Office, postman: Postman) -> None:
    names = ("always", "on update", "on error", "on failure")
    made = [desk.create({**notified(str(n)), "jobInfo": {**notified("0")["jobInfo"], "name": name}})
            for n, name in enumerate(names)]  # fmt: skip
    told: list[list[str]] = []
    for change in (lambda: None, lambda: None, lambda: spoil(desk), desk.workbook.unlink):
        change()
        postman.box.letters.clear()
        for job in made:
            desk.run(job)
        told.append(postman.box.subjects())

    # The first job writes the table; the others find nothing to do.
    assert told == [
        ["always: Success"],
        ["always: Success"],
        ["always: CompletedWithErrors", "on error: CompletedWithErrors"],
        ["always: Failed", "on error: Failed", "on failure: Failed"],
    ]
    assert postman.box.letters[0][0] == ["boss@example.org"]


@pytest.mark.slow
def test_a_mail_counts_what_was_done_and_lists_rows_that_were_not(desk: Office, postman: Postman) -> None:
    spoil(desk)
    desk.run(desk.create(notified("on update")))

    assert postman.box.subjects() == ["ToTable: CompletedWithErrors"]
    assert "1 create done" in postman.box.text(0)
    assert "row 3" in postman.box.text(0)


@pytest.mark.slow
def test_a_mail_that_cannot_be_sent_is_told_in_the_run_which_stands(desk: Office, postman: Postman) -> None:
    job = desk.create(notified("0"))
    postman.stop()

    run = desk.run(job)

    assert (run.state, run.counts) == ("Success", {"create done": 1})
    assert [r.code for r in desk.results if r.outcome == "error"] == ["MAIL_NOT_SENT"]


@pytest.mark.slow
def test_a_collection_tells_in_place_of_its_jobs_and_runs_in_order(desk: Office, postman: Postman) -> None:
    bodies = [notified("0") for _ in range(3)]
    for order, (body, name) in enumerate(zip(bodies, ("third", "first", "second"), strict=True)):
        body["jobInfo"] |= {"name": name, "runOrder": (3, 1, 2)[order], "onFailure": "Continue"}
    bodies[1]["syncQuery"][0]["query"] = "SELECT * FROM [Nowhere$]"
    content = {
        "jobCollectionInfo": {"id": 0, "name": "Nightly"}, "jobs": bodies, "isNotificationEnabled": True,
        "notifyWhen": 2, "notificationRecipients": "boss@example.org; other@example.org",
    }  # fmt: skip
    with desk.server.writing("ann") as context:
        going_on = jobs.create_collection(context, content)
        aborting = {**content, "jobCollectionInfo": {"id": 0, "name": "Strict"}}
        bodies[1]["jobInfo"]["onFailure"] = "Abort"
        stopping = jobs.create_collection(context, aborting)
        done = collecting.run_collection(context, going_on)
        stopped = collecting.run_collection(context, stopping)
        order = [context.store.datasync.read_job(run.job).name for run in done]

    assert (order, [run.state for run in done]) == (["first", "second", "third"], ["Failed", "Success", "Success"])
    assert [run.state for run in stopped] == ["Failed"]
    assert postman.box.subjects() == ["Nightly: Failed", "Strict: Failed"]
    assert postman.box.letters[0][0] == ["boss@example.org", "other@example.org"]
    assert "first: Failed" in postman.box.text(0)


@pytest.mark.samba
@pytest.mark.slow
def test_first_passwords_go_to_the_recipients_and_to_the_manager(
    branch: Office, postman: Postman, specified: dict[str, Any]
) -> None:
    assert branch.domain is not None
    store = active_directory(branch.domain)
    store["configurationValues"] |= postman.values
    specified["fieldsMap"][4] |= {
        "transform": "", "options": '{"passwordType": 1, "passwordLength": 14, "managerNotification": true}',
    }  # fmt: skip
    specified["fieldsMap"] += [
        {"destinationField": "mail", "sourceField": "Mail", "transform": "", "objectType": 1},
        {"destinationField": "manager", "transform": "Resolve:field=Boss;attribute=sAMAccountName", "objectType": 1},
    ]
    specified["settings"] = [s for s in specified["settings"] if s["key"] != "IsNotificationEnabled"]
    specified["settings"] += notified("3")["settings"]
    with branch.server.writing("ann") as context:
        providers.update_provider(context, 2, {**store, "id": 2})
    header = ("First", "Last", "Mail", "Boss")
    branch.fill([("Ann", "Lee", "ann@example.org", "")], header)
    job = branch.create(specified)
    branch.run(job)
    postman.box.letters.clear()

    branch.fill([("Ann", "Lee", "ann@example.org", ""), ("Bob", "Ray", "", "Ann_api_Lee")], header)
    run = branch.run(job)

    assert (run.state, run.counts) == ("Success", {"create done": 1}), branch.results
    assert [to for to, _ in postman.box.letters] == [["boss@example.org"], ["ann@example.org"]]
    name, _, password = postman.box.text(1).strip().splitlines()[-1].partition(": ")
    assert name == "Bob_api_Ray"
    assert branch.domain.can_sign_in(name, password)
    assert password not in str(branch.results) + run.message
