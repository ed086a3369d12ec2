"""Why a value is what it is, as text one can follow: each value, who fed it, what was read, what an account gets."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from rich.console import RenderableType
from rich.text import Text

from accord.cli.tables.objects import object_page
from accord.cli.tables.parts import cell, clean, grid, heading, indented, time, values
from accord.operations.explaining import AccountExplanation, Contribution, Explanation, Input, Run, ValueExplanation
from accord.operations.objects import ObjectPage
from accord.operations.past import PastExplanation

_VERDICTS = {"won": "green", "lost": "dim", "no value": "dim", "failed": "red", "out of scope": "yellow"}


def explanation_page(explanation: Explanation) -> Iterator[RenderableType]:
    """Yield the identity's values with their contributors, then its accounts' values with what they are made of."""
    yield heading(explanation.name, f"{explanation.type}, identity:{explanation.identity_id}")
    for value in explanation.values:
        yield from _value(value)
    for name, group in groupby(explanation.accounts, key=lambda a: f"{a.system}/{a.object_name}"):
        accounts = list(group)
        yield Text()
        yield heading(name, f"by {accounts[0].rule}", _pending(accounts[0].pending))
        for account in accounts:
            yield from _account(account)
    yield from _runs(explanation.runs)


def past_page(found: PastExplanation) -> Iterator[RenderableType]:
    """Yield the state at a time, each value with its rule and the run since which it was so."""
    yield from object_page(ObjectPage(identity=found.identity, objects=found.objects))
    yield from _runs(found.runs)


def _runs(runs: Iterable[Run]) -> Iterator[RenderableType]:
    yield Text()
    for run in runs:
        yield Text(clean(f"{run.activity} {run.kind}  {time(run.at)}  by {run.actor}"), style="dim")


def _value(value: ValueExplanation) -> Iterator[RenderableType]:
    yield indented(_equals(value.attribute, value.value, value.since))
    if len(value.contributions) == 1 and value.contributions[0].verdict == "won":
        yield indented(_contribution(value.contributions[0]), 4)
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
