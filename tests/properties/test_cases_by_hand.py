"""Cases that engine and oracle once decided differently; F and a number is how each was called when it was found."""

from collections.abc import Callable

import pytest

from accord.model.rules import DeletionRule, DeletionTrigger, Flow, OnLeave, RuleSet, UniqueValue
from oracle import Pending, State
from oracle import meaning as m
from oracle.state import Edge
from properties.by_hand import (
    disagreements,
    flows,
    identity,
    inbound,
    join,
    link,
    outbound,
    person_type,
    planned,
    row,
    rules,
    user,
)

Case = Callable[[], tuple[State, RuleSet]]

NUMBER = m.number("n")
CN_CODE = m.joined(m.constant("cn="), "code")
CN_A = m.joined(m.constant("cn="), "a")
PEOPLE = inbound("in", projects=True, flows=flows(a="a", code="code"))
MANUAL = DeletionRule(trigger=DeletionTrigger.MANUAL)
HR_LEADS = DeletionRule(trigger=DeletionTrigger.AUTHORITATIVE_SOURCE, sources=("s1",), grace_days=5)


def _create(**options: object) -> Pending:
    given = {
        "identity_id": 1, "system": "named", "type": "user", "rule": "out", "operation": "create", "dn": "cn=k1",
        "new_dn": None, "before": None, "after": {"uid": "k1"}, "reason": None,
    }  # fmt: skip
    return Pending(**{**given, **options})  # type: ignore[arg-type]


def links_of_a_type_without_inbound_rules_end_f2() -> tuple[State, RuleSet]:
    state = State(objects={1: row("k1")}, identities={1: identity()}, links={1: link(1, "gone")})
    return state, rules(person=person_type(MANUAL))


def renaming_an_inbound_rule_ends_nobody_f3() -> tuple[State, RuleSet]:
    state = State(objects={1: row("k1")}, identities={1: identity(code="k1")}, links={1: link(1, "old name")})
    return state, rules(PEOPLE)


def planned_accounts_of_a_removed_rule_are_forgotten_f4() -> tuple[State, RuleSet]:
    state = State(
        objects={1: row("k1"), 2: planned("cn=k1")}, identities={1: identity(code="k1")},
        links={1: link(1, "in"), 2: link(1, "removed", "provisioned")}, pending={2: _create(rule="removed")},
    )  # fmt: skip
    return state, rules(PEOPLE)


def a_last_good_value_still_joins_f5() -> tuple[State, RuleSet]:
    state = State(
        objects={1: row("k1", n="bad"), 2: row("k9", "s2", n="1")}, identities={1: identity(code="k1", level="1")},
        links={1: link(1, "in-1")},
    )  # fmt: skip
    first = inbound("in-1", order=10, projects=True, flows=flows(level=NUMBER, code="code"))
    second = inbound("in-2", "s2", order=20, projects=True, joins=(join((NUMBER, "level")),), flows=flows(a="code"))
    return state, rules(first, second)


def a_failure_of_lower_precedence_does_not_freeze_a_value_f6() -> tuple[State, RuleSet]:
    state = State(
        objects={1: row("k1"), 2: row("k1", "s2", n="bad")}, identities={1: identity(level="1")},
        links={1: link(1, "in-1"), 2: link(1, "in-2")},
    )  # fmt: skip
    seven = m.number(m.when(m.is_null("b"), m.constant("7"), "b"))
    return state, rules(
        inbound("in-1", order=10, flows=flows(level=seven)), inbound("in-2", "s2", order=20, flows=flows(level=NUMBER))
    )


def who_waits_keeps_all_values_f7() -> tuple[State, RuleSet]:
    state = State(
        objects={2: row("k1", "s2", a="x")}, identities={1: identity(code="k1", a="x", b="of hr")},
        links={2: link(1, "in-2")},
    )  # fmt: skip
    return state, rules(
        inbound("in-2", "s2", flows=flows(a="a")), inbound("in-1", flows=flows(b="b", code="code")),
        person=person_type(HR_LEADS),
    )  # fmt: skip


def an_object_linked_late_contributes_through_earlier_rules_f8() -> tuple[State, RuleSet]:
    late = inbound("in-2", order=20, projects=True, flows=flows(code="code"))
    return State(objects={1: row("k1", a="x")}), rules(inbound("in-1", order=10, flows=flows(a="a")), late)


def a_dangling_name_of_an_account_planned_now_is_that_reference_f9() -> tuple[State, RuleSet]:
    state = State(
        objects={1: row("k1"), 2: row("k2"), 3: user("u1", "cn=k1", uid="k1")},
        edges={Edge(1, "ref", "k2"), Edge(3, "peers", "cn=k2")}, identities={1: identity(code="k1")},
        links={1: link(1, "in"), 3: link(1, "out", "provisioned")},
    )  # fmt: skip
    people = inbound("in", projects=True, flows=flows(code="code", mgr="ref"))
    return state, rules(people, outbound("out", provisions=True, dn=CN_CODE, flows=flows(peers="mgr", uid="code")))


def a_planned_account_resolves_no_reference_read_f10() -> tuple[State, RuleSet]:
    state = State(
        objects={1: row("k1"), 2: row("k2"), 3: user("u1", "cn=k1", uid="k1"), 4: planned("cn=k2")},
        edges={Edge(3, "peers", "cn=k2")}, identities={1: identity(code="k1"), 2: identity(code="k2")},
        links={1: link(1, "in"), 2: link(2, "in"), 3: link(1, "out", "provisioned"), 4: link(2, "out", "provisioned")},
    )  # fmt: skip
    back = inbound("back", "named", "user", order=200, flows=flows(mgr="peers"))
    return state, rules(PEOPLE, back, outbound("out", provisions=True, dn=CN_CODE, flows=flows(uid="code")))


def lower_ids_choose_unique_values_first_f11() -> tuple[State, RuleSet]:
    state = State(objects={n: row(f"k{n}", a=a) for n, a in enumerate(("x", "X", "x", "x2"), start=1)})
    return state, rules(PEOPLE, person=person_type(login={"unique": UniqueValue(base="a")}))


def a_value_taken_by_ones_own_account_is_ones_own_f12() -> tuple[State, RuleSet]:
    state = State(
        objects={1: row("k1", a="x"), 2: user("u1", "cn=k1", uid="x")}, identities={1: identity(a="x", code="k1")},
        links={1: link(1, "in"), 2: link(1, "back")},
    )  # fmt: skip
    unique = UniqueValue(base="a", taken_in=(("named", "user", "uid"),))
    back = inbound("back", "named", "user", flows=flows(b="sn"))
    return state, rules(PEOPLE, back, person=person_type(login={"unique": unique}))


def _named_after_a() -> RuleSet:
    return rules(PEOPLE, outbound("out", provisions=True, dn=CN_A, flows=flows(uid="code")))


def a_planned_account_keeps_its_name_when_none_can_be_computed_f13() -> tuple[State, RuleSet]:
    state = State(
        objects={1: row("k1"), 3: planned("cn=x")}, identities={1: identity(code="k1", a="x")},
        links={1: link(1, "in"), 3: link(1, "out", "provisioned")},
    )  # fmt: skip
    return state, _named_after_a()


def _two_for_one_name(account: object) -> State:
    return State(
        objects={1: row("k1", a="x"), 2: row("k2", a="x"), 3: account},  # type: ignore[dict-item]
        identities={1: identity(code="k1", a="x"), 2: identity(code="k2", a="x")},
        links={1: link(1, "in"), 2: link(2, "in"), 3: link(1, "out", "provisioned")},
    )


def a_right_name_is_not_contested_f14() -> tuple[State, RuleSet]:
    return _two_for_one_name(user("u1", "cn=x", uid="k1")), _named_after_a()


def a_right_planned_name_is_not_contested_f14() -> tuple[State, RuleSet]:
    return _two_for_one_name(planned("cn=x")), _named_after_a()


def the_anchor_of_an_account_that_is_there_does_not_matter_f15() -> tuple[State, RuleSet]:
    state = State(
        objects={1: row("k1"), 3: user("k9", system="plain", sn="k1")}, identities={1: identity(code="k1")},
        links={1: link(1, "in"), 3: link(1, "out", "provisioned")},
    )  # fmt: skip
    return state, rules(PEOPLE, outbound("out", "plain", provisions=True, anchor="a", flows=flows(sn="code")))


def _one_account(out: object, *, state_of: str, **values: str) -> tuple[State, RuleSet]:
    """Return an identity with a row and an account in `named`; `state_of` is what is stored of its `b`."""
    state = State(
        objects={1: row("k1", **values), 3: user("u1", "cn=k1", uid="k1", sn="old")},
        identities={1: identity(code="k1", b=state_of)}, links={1: link(1, "in"), 3: link(1, "out", "provisioned")},
    )  # fmt: skip
    return state, rules(inbound("in", projects=True, flows=flows(b="b", code="code")), out)  # type: ignore[arg-type]


def a_failing_name_of_an_account_that_is_there_is_told_f16() -> tuple[State, RuleSet]:
    out = outbound("out", dn=m.joined(m.constant("cn="), m.number("b")), flows=flows(uid="code"))
    return _one_account(out, state_of="bad", b="bad")


def an_account_that_remains_stays_as_it_is_f17() -> tuple[State, RuleSet]:
    out = outbound("out", scope=m.differs("b", "x"), flows=flows(sn="b"), on_leave=OnLeave.REMAIN)
    return _one_account(out, state_of="x", b="x")


def who_is_disabled_is_disabled_with_present_values_f18() -> tuple[State, RuleSet]:
    out = outbound("out", scope=m.differs("b", "x"), on_leave=OnLeave.DISABLE, disable=flows(sn="b"))
    return _one_account(out, state_of="old", b="x")


def what_nobody_wants_any_more_is_withdrawn_f19() -> tuple[State, RuleSet]:
    out = outbound("out", scope=m.differs("a", "x"), flows=flows(sn="a"))
    state = State(
        objects={1: row("k1", a="x"), 3: user("u1", "cn=k1", uid="k1")}, identities={1: identity(code="k1", a="x")},
        links={1: link(1, "in"), 3: link(1, "back", "joined by join 1")},
        pending={3: _create(operation="update", before={}, after={"sn": "y"})},
    )  # fmt: skip
    return state, rules(PEOPLE, inbound("back", "named", "user", flows=flows(b="sn")), out)


def silence_of_references_may_win_f20() -> tuple[State, RuleSet]:
    state = State(
        objects={1: row("k1"), 2: row("k1", "s2"), 3: row("k3", "s2")}, edges={Edge(2, "ref", "k3")},
        identities={1: identity(code="k1"), 2: identity(code="k3")},
        links={1: link(1, "in-1"), 2: link(1, "in-2"), 3: link(2, "in-2")},
    )  # fmt: skip
    silent = (*flows(code="code"), Flow(target="mgr", expression="ref", null_is_value=True))
    return state, rules(
        inbound("in-1", order=1, flows=silent), inbound("in-2", "s2", order=2, flows=flows(code="code", mgr="ref"))
    )


def values_compare_as_sets_without_case_f21() -> tuple[State, RuleSet]:
    state = State(
        objects={1: row("k1", tags=("X", "x")), 3: user("u1", "cn=k1", labels=("x",))},
        identities={1: identity(code="k1", tags=("X", "x"))},
        links={1: link(1, "in"), 3: link(1, "out", "provisioned")},
    )  # fmt: skip
    people = inbound("in", projects=True, flows=flows(tags="tags", code="code"))
    return state, rules(people, outbound("out", flows=flows(labels="tags")))


_BOTH = join(("labels", "tags"), ("groups", "tags"))


def _several_keys(rule: object) -> tuple[State, RuleSet]:
    state = State(
        objects={1: row("k1", tags=("x", "y")), 2: user("u1", "cn=k1", labels=("p", "x"), groups=("y", "z"))},
        identities={1: identity(tags=("x", "y"), code="k1")}, links={1: link(1, "in")},
    )  # fmt: skip
    return state, rules(inbound("in", order=1, flows=flows(tags="tags", code="code")), rule)  # type: ignore[arg-type]


def keys_with_several_values_match_in_any_combination_f22() -> tuple[State, RuleSet]:
    return _several_keys(inbound("back", "named", "user", order=2, joins=(_BOTH,)))


def accounts_with_several_values_match_in_any_combination_f22() -> tuple[State, RuleSet]:
    return _several_keys(outbound("out", joins=(_BOTH,)))


def a_failing_scope_keeps_an_account_that_another_rule_linked_f23() -> tuple[State, RuleSet]:
    state, one = _one_account(
        outbound("out", order=1, scope=m.is_null("code"), on_leave=OnLeave.DELETE), state_of="2", b="bad"
    )
    failing = outbound("out-b", order=2, scope=m.above(m.number("b"), 1), on_leave=OnLeave.DELETE)
    return state, rules(*one.inbound, *one.outbound, failing)


def what_one_rule_cannot_decide_the_next_does_not_provision_f24() -> tuple[State, RuleSet]:
    state = State(
        objects={1: row("k1"), 3: user("u1", "cn=1", uid="k1"), 4: user("u2", "cn=2", uid="k1")},
        identities={1: identity(code="k1")}, links={1: link(1, "in")},
    )  # fmt: skip
    first = outbound("out-a", order=1, joins=(join(("uid", "code")),))
    second = outbound("out-b", order=2, provisions=True, dn=CN_CODE, flows=flows(uid="code"))
    return state, rules(PEOPLE, first, second)


def initial_values_are_not_evaluated_later_f25() -> tuple[State, RuleSet]:
    initial = Flow(target="level", expression=m.number("b"), initial_only=True)
    return _one_account(outbound("out", flows=(*flows(uid="code"), initial)), state_of="bad", b="bad")


def renaming_an_outbound_rule_keeps_its_accounts_f26() -> tuple[State, RuleSet]:
    return _one_account(outbound("new name", provisions=True, dn=CN_CODE, flows=flows(uid="code")), state_of="x", b="x")


def two_owners_of_one_value_do_not_both_keep_it_f27() -> tuple[State, RuleSet]:
    state = State(
        objects={1: row("k1", a="x"), 2: row("k2", a="x"), 3: user("u1", "cn=x", uid="x"),
                 4: user("x", system="plain", uid="x")},
        identities={1: identity(a="x", code="k1"), 2: identity(a="x", code="k2")},
        links={1: link(1, "in"), 2: link(2, "in"), 3: link(1, "back"), 4: link(2, "back-2")},
    )  # fmt: skip
    unique = UniqueValue(base="a", taken_in=(("named", "user", "uid"), ("plain", "user", "uid")))
    back = inbound("back", "named", "user", flows=flows(b="sn"))
    again = inbound("back-2", "plain", "user", flows=flows(b="sn"))
    return state, rules(PEOPLE, back, again, person=person_type(login={"unique": unique}))


def a_failure_is_not_silence_f28() -> tuple[State, RuleSet]:
    silent = (Flow(target="level", expression=NUMBER, null_is_value=True),)
    first = inbound("in-1", order=10, projects=True, flows=flows(code="code", level=NUMBER))
    second = inbound("in-2", "s2", order=20, joins=(join(("code", "code")),), flows=silent)
    state = State(objects={1: row("k1", n="1"), 2: row("k1", "s2", n="bad")})
    return state, rules(first, second, person=person_type(level={"precedence": ("in-2",)}))


def who_waits_keeps_all_references_f29() -> tuple[State, RuleSet]:
    state = State(
        objects={2: row("k1", "s2"), 3: row("k2", "s2")}, edges={Edge(2, "ref", "k2")},
        identities={1: identity(code="k1"), 2: identity(code="k2")}, links={2: link(1, "in-2"), 3: link(2, "in-2")},
    )  # fmt: skip
    second = inbound("in-2", "s2", flows=flows(code="code", mgr="ref"))
    return state, rules(inbound("in-1"), second, person=person_type(HR_LEADS))


def an_unanswered_create_waits_f30() -> tuple[State, RuleSet]:
    state = State(
        objects={1: row("k1", a="x"), 2: planned("cn=k1")}, identities={1: identity(code="k1", a="x")},
        links={1: link(1, "in"), 2: link(1, "out", "provisioned")}, pending={2: _create(state="unknown")},
    )  # fmt: skip
    out = outbound("out", scope=m.differs("a", "x"), provisions=True, dn=CN_CODE, flows=flows(uid="code"))
    return state, rules(PEOPLE, out)


def an_unanswered_create_of_one_who_ends_waits_f30() -> tuple[State, RuleSet]:
    state = State(
        objects={2: planned("cn=k1")}, identities={1: identity(code="k1")},
        links={2: link(1, "out", "provisioned")}, pending={2: _create(state="unknown")},
    )  # fmt: skip
    return state, rules(PEOPLE, outbound("out", provisions=True, dn=CN_CODE, flows=flows(uid="code")))


def a_failing_flow_that_may_win_by_silence_keeps_the_value_f31() -> tuple[State, RuleSet]:
    state = State(objects={1: row("k1", n="bad")}, identities={1: identity(level="1")}, links={1: link(1, "in-1")})
    silent = (Flow(target="level", expression=NUMBER, null_is_value=True),)
    return state, rules(
        inbound("in-1", order=10, flows=silent), inbound("in-2", "s2", order=20, flows=flows(level=NUMBER))
    )


_CASES: tuple[Case, ...] = (
    links_of_a_type_without_inbound_rules_end_f2,
    renaming_an_inbound_rule_ends_nobody_f3,
    planned_accounts_of_a_removed_rule_are_forgotten_f4,
    a_last_good_value_still_joins_f5,
    a_failure_of_lower_precedence_does_not_freeze_a_value_f6,
    who_waits_keeps_all_values_f7,
    an_object_linked_late_contributes_through_earlier_rules_f8,
    a_dangling_name_of_an_account_planned_now_is_that_reference_f9,
    a_planned_account_resolves_no_reference_read_f10,
    lower_ids_choose_unique_values_first_f11,
    a_value_taken_by_ones_own_account_is_ones_own_f12,
    a_planned_account_keeps_its_name_when_none_can_be_computed_f13,
    a_right_name_is_not_contested_f14,
    a_right_planned_name_is_not_contested_f14,
    the_anchor_of_an_account_that_is_there_does_not_matter_f15,
    a_failing_name_of_an_account_that_is_there_is_told_f16,
    an_account_that_remains_stays_as_it_is_f17,
    who_is_disabled_is_disabled_with_present_values_f18,
    what_nobody_wants_any_more_is_withdrawn_f19,
    silence_of_references_may_win_f20,
    values_compare_as_sets_without_case_f21,
    keys_with_several_values_match_in_any_combination_f22,
    accounts_with_several_values_match_in_any_combination_f22,
    a_failing_scope_keeps_an_account_that_another_rule_linked_f23,
    what_one_rule_cannot_decide_the_next_does_not_provision_f24,
    initial_values_are_not_evaluated_later_f25,
    renaming_an_outbound_rule_keeps_its_accounts_f26,
    two_owners_of_one_value_do_not_both_keep_it_f27,
    a_failure_is_not_silence_f28,
    who_waits_keeps_all_references_f29,
    an_unanswered_create_waits_f30,
    an_unanswered_create_of_one_who_ends_waits_f30,
    a_failing_flow_that_may_win_by_silence_keeps_the_value_f31,
)


@pytest.mark.parametrize("case", _CASES, ids=lambda case: case.__name__)
def test_engine_and_oracle_agree(case: Case) -> None:
    assert disagreements(*case()) == []
