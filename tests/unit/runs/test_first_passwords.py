"""First passwords: what they consist of, and that they are nowhere but in the operation that is sent."""

import string

import pytest

from accord.connectors.base import AttributeChange, ExportOperation, ExportOutcome, Operation, OutcomeState
from accord.model.rules import OutboundRule, PasswordPolicy
from accord.runs.passwords import FirstPasswords, NewPassword, NoDesk, new_password


class Desk(NoDesk):
    def __init__(self) -> None:
        self.delivered: list[NewPassword] = []

    def look_up(self, reference: str) -> str:
        return {"env:SHARED": "the-same-for-all"}[reference]

    def deliver(self, made) -> None:
        self.delivered += made


def rule(policy: PasswordPolicy) -> OutboundRule:
    return OutboundRule(
        name="ad-out", system="ad", object_type="user", identity_type="person", provisions=True, password=policy
    )


def operation(row: int, kind: Operation = Operation.CREATE) -> ExportOperation:
    changes = (AttributeChange(name="cn", added=("Ann",), after=("Ann",)),)
    return ExportOperation(row=row, operation=kind, object_type="user", anchor=None, dn="CN=Ann", changes=changes)


@pytest.mark.parametrize("length", [6, 16, 99])
def test_a_made_password_has_every_kind_asked_for(length: int) -> None:
    for _ in range(50):
        text = new_password(PasswordPolicy(attribute="unicodePwd", length=length, symbols="%^&"))
        assert len(text) == length
        for kind in (string.ascii_uppercase, string.ascii_lowercase, string.digits, "%^&"):
            assert set(text) & set(kind)
        assert not set(text) & set("0Oo1lI")


def test_a_made_password_has_no_other_kind() -> None:
    policy = PasswordPolicy(attribute="unicodePwd", has_uppercase=False, has_digits=False, symbols="")
    assert new_password(policy).islower()


def test_only_creates_of_the_rule_get_a_password() -> None:
    first = FirstPasswords([rule(PasswordPolicy(attribute="unicodePwd"))], Desk())

    assert first.added_to(operation(0), "ad-out").changes[-1].name == "unicodePwd"
    assert first.added_to(operation(1, Operation.UPDATE), "ad-out") == operation(1, Operation.UPDATE)
    assert first.added_to(operation(2), "other") == operation(2)


def test_each_account_gets_its_own_and_only_made_accounts_are_delivered() -> None:
    desk = Desk()
    first = FirstPasswords([rule(PasswordPolicy(attribute="unicodePwd"))], desk)
    sent = {row: first.added_to(operation(row), "ad-out").changes[-1].added[0] for row in range(3)}

    states = {0: OutcomeState.DONE, 1: OutcomeState.FAILED, 2: OutcomeState.UNKNOWN}
    first.deliver({row: ExportOutcome(row=row, state=state) for row, state in states.items()})
    first.deliver({0: ExportOutcome(row=0, state=OutcomeState.DONE)})

    assert len(set(sent.values())) == 3
    assert [password.text for password in desk.delivered] == [sent[0]]
    assert sent[0] not in repr(desk.delivered)


def test_a_password_for_all_is_looked_up_and_delivered_to_nobody() -> None:
    desk = Desk()
    first = FirstPasswords([rule(PasswordPolicy(attribute="unicodePwd", secret="env:SHARED"))], desk)

    sent = first.added_to(operation(0), "ad-out").changes[-1]
    first.deliver({0: ExportOutcome(row=0, state=OutcomeState.DONE)})

    assert sent.added == ("the-same-for-all",)
    assert desk.delivered == []
