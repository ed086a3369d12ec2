"""Why a value is what it is, as text one can follow: each value, who fed it, what was read, what an account gets."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from rich.console import RenderableType
from rich.text import Text

from accord.cli.tables.objects import object_page
from accord.cli.tables.parts import cell, clean, grid, heading, indented, time, values
from accord.operations.decisions import BY_HAND, Decision
from accord.operations.explaining import (
    AccountExplanation,
    Contribution,
    Explanation,
    Input,
    LinkedObject,
    Run,
    ValueExplanation,
)
from accord.operations.explaining_one import ReferenceTrial, WhyReference
from accord.operations.objects import ObjectPage
from accord.operations.past import PastExplanation

_VERDICTS = {"won": "green", "lost": "dim", "no value": "dim", "failed": "red", "out of scope": "yellow"}


def explanation_page(explanation: Explanation) -> Iterator[RenderableType]:
    """Yield the identity's values with their contributors, then its accounts' values with what they are made of."""
    yield heading(explanation.name, f"{explanation.type}, identity:{explanation.identity_id}")
    for linked in explanation.objects:
        yield from _linked(linked)
    for value in explanation.values:
        yield from _value(value)
    for name, group in groupby(explanation.accounts, key=lambda a: f"{a.system}/{a.object_name}"):
        accounts = list(group)
        yield Text()
        yield heading(name, f"by {accounts[0].rule}", _pending(accounts[0].pending))
        for account in accounts:
            yield from _account(account)
    yield from decision_lines(explanation.decisions)
    yield from _runs(explanation.runs)


def reference_page(found: WhyReference) -> Iterator[RenderableType]:
    """Yield place by place whether the one refers to the other, and why or why not."""
    belongs = f"identity:{found.other_id}" if found.other_id is not None else "belongs to nobody"
    yield heading(f"{found.name} and {found.other}", f"identity:{found.identity_id}, {belongs}")
    if not found.trials:
        yield indented(Text("identities of its type have no references, and no account of it has", style="dim"))
    for trial in found.trials:
        place = f"{trial.system}/{trial.object_name}" if trial.system else "metaverse"
        yield indented(Text.assemble((clean(f"{place} {trial.attribute}: "), "bold"), *_standing(trial)))
        by = f"  by {trial.rule}" if trial.rule else ""
        yield indented(Text.assemble(clean(trial.reason), (clean(by), "dim")), 4)
        for told in trial.inputs:
            yield indented(Text(clean(f"{told.name}: {told.value or 'nothing'}"), style="dim"), 6)
    yield from decision_lines(found.decisions)


def past_page(found: PastExplanation) -> Iterator[RenderableType]:
    """Yield the state at a time, each value with its rule and the run since which it was so."""
    yield from object_page(ObjectPage(identity=found.identity, objects=found.objects))
    yield from _runs(found.runs)


def decision_lines(decisions: Iterable[Decision]) -> Iterator[RenderableType]:
    """Yield each decision of a person: what, who, when and why."""
    for decision in decisions:
        yield indented(Text(clean(_decided(decision)), style="cyan"))


def _decided(decision: Decision) -> str:
    what = f"{decision.kind} of {decision.system}/{decision.object} with {decision.identity}"
    ended = f" (withdrawn by {decision.ended_by}: {decision.note})" if decision.state == "withdrawn" else ""
    return f"{what}, decided by {decision.actor} on {time(decision.made_at)}: {decision.reason}{ended}"


def _standing(trial: ReferenceTrial) -> tuple[tuple[str, str], ...]:
    wanted = ("yes", "green") if trial.is_wanted else ("no", "yellow")
    if trial.is_wanted == trial.is_held:
        return (wanted,)
    waits = f", waits: {trial.waits}" if trial.waits else ""
    return wanted, (f"   now {'there' if trial.is_held else 'not there'}{waits}", "yellow")


def _linked(linked: LinkedObject) -> Iterator[RenderableType]:
    since = f", since {linked.since}" if linked.since else ""
    told = f"  {linked.how} by {linked.rule}{since}"
    yield indented(Text.assemble((clean(f"{linked.system}/{linked.name}"), "bold"), (clean(told), "dim")))
    if linked.decision is not None:
        yield indented(Text(clean(_decided(linked.decision)), style="cyan"), 4)


def _runs(runs: Iterable[Run]) -> Iterator[RenderableType]:
    yield Text()
    for run in runs:
        yield Text(clean(f"{run.activity} {run.kind}  {time(run.at)}  by {run.actor}"), style="dim")


def _value(value: ValueExplanation) -> Iterator[RenderableType]:
    yield indented(_equals(value.attribute, value.value, value.since))
    only = value.contributions[0] if len(value.contributions) == 1 else None
    if only is not None and (only.verdict, only.value) == ("won", value.value):
        yield indented(_contribution(only), 4)
        return
    yield indented(Text(clean(value.reason), style="dim"), 4)
    made = grid(12, None)
    for contribution in value.contributions:
        made.add_row(cell(contribution.verdict, _VERDICTS.get(contribution.verdict, "")), _contribution(contribution))
    if value.contributions:
        yield indented(made, 4)


def _contribution(contribution: Contribution) -> Text:
    line = _made_of(contribution.expression, contribution.inputs, contribution.value)
    if contribution.verdict == "lost" and contribution.value is not None:
        line.append(f" → {clean(contribution.value)}")
    line.append("  by ", style="dim")
    line.append(clean(contribution.rule))
    line.append(f" from {contribution.system}/{clean(contribution.object_name)}", style="dim")
    if contribution.how == BY_HAND:
        line.append(f", {BY_HAND}", style="cyan")
    return line


def _account(account: AccountExplanation) -> Iterator[RenderableType]:
    line = _equals(account.attribute, account.wanted, account.since if account.held == account.wanted else "")
    if account.held != account.wanted:
        held = "nothing" if account.held is None else clean(account.held)
        line.append(f"   now {held}", style="yellow")
    yield indented(line)
    yield indented(_made_of(account.expression, account.inputs, account.wanted), 4)


def _made_of(expression: str, inputs: tuple[Input, ...], value: str | None) -> Text:
    line = Text.assemble((clean(expression), "cyan"))
    told = [i for i in inputs if not (i.name == expression and i.value == value)]
    if told:
        line.append("  with " + ", ".join(f"{i.name} = {_quoted(i.value)}" for i in told), style="dim")
    return line


def _equals(name: str, value: str | None, since: str) -> Text:
    told = ("(none)", "dim") if value is None else values([value])
    return Text.assemble((clean(name), "bold"), " = ", told, (f"  since {since}" if since else "", "dim"))


def _pending(operation: str) -> Text | str:
    return Text(f"waits: {operation}", style="yellow") if operation else ""


def _quoted(value: str | None) -> str:
    return "nothing" if value is None else repr(clean(value))
