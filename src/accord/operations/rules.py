"""Synchronisation rules as they are declared: those in force, drafts that rest, and the text of each."""

from dataclasses import dataclass

from accord.config.canonical import yaml_of
from accord.config.documents import rule_document
from accord.config.places import FileKind
from accord.config.rules import every_rule
from accord.model.errors import NotFound
from accord.model.rules import InboundRule, OutboundRule
from accord.operations.administration.desk import Desk
from accord.operations.administration.texts import read_text
from accord.runs.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSummary:
    """One rule as it is listed. `problem` tells why a draft rests; `does` what it makes beyond flows."""

    name: str
    is_inbound: bool
    system: str
    object_type: str
    identity_type: str
    does: str
    flows: int
    on_leave: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleView:
    """One rule with its text. `rule` is None while it rests; a folder of files is not editable here."""

    name: str
    rule: InboundRule | OutboundRule | None
    is_inbound: bool
    text: str
    is_editable: bool


def list_rules(context: Context) -> tuple[RuleSummary, ...]:
    """Return the rules in force, inbound first, each in its order; then drafts."""
    inbound = [_summary(rule) for rule in context.rules.inbound]
    outbound = [_summary(rule) for rule in context.rules.outbound]
    drafts = [
        RuleSummary(name=n, is_inbound=True, system="", object_type="", identity_type="", does="", flows=0,
                    on_leave="", problem=problem)
        for n, problem in sorted(_drafts(context).items())
    ]  # fmt: skip
    return (*inbound, *outbound, *drafts)


def read_rule(context: Context, name: str) -> RuleView:
    """Return one rule, also one that rests; raise NotFound."""
    found = next((rule for rule in every_rule(context.rules) if rule.name == name), None)
    if context.configured is not None and (found is None or context.store.configurations.revision()):
        text, is_editable = read_text(Desk(context), FileKind.RULE, name), True
    elif found is not None:
        text, is_editable = yaml_of(rule_document(found)).decode(), False
    else:
        raise NotFound(f"there is no rule {name}", remedy="list the rules")
    return RuleView(
        name=name, rule=found, is_inbound=isinstance(found, InboundRule), text=text, is_editable=is_editable
    )


def _summary(rule: InboundRule | OutboundRule) -> RuleSummary:
    is_making = rule.projects if isinstance(rule, InboundRule) else rule.provisions
    made = "projects" if isinstance(rule, InboundRule) else "provisions"
    return RuleSummary(
        name=rule.name,
        is_inbound=isinstance(rule, InboundRule),
        system=rule.system,
        object_type=rule.object_type,
        identity_type=rule.identity_type,
        does=made if is_making else "joins only",
        flows=len(rule.flows),
        on_leave=rule.on_leave.value,
        problem="",
    )


def _drafts(context: Context) -> dict[str, str]:
    if context.configured is None or not context.store.configurations.revision():
        return {}
    drafts = Desk(context).stored.drafts
    return {
        name: "; ".join(error.message for error in errors) or "it names something unfinished"
        for (kind, name), errors in drafts.items()
        if kind is FileKind.RULE
    }
