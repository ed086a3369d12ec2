"""Why a value is what it is, as text one can follow: each value, who fed it, what was read, what an account gets."""

from collections.abc import Iterator
from itertools import groupby

from rich.console import RenderableType
from rich.text import Text

from accord.cli.tables.parts import cell, clean, grid, heading, indented, values
from accord.operations.explaining import AccountExplanation, Contribution, Explanation, Input, ValueExplanation

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


def _value(value: ValueExplanation) -> Iterator[RenderableType]:
    yield indented(_equals(value.attribute, value.value))
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
    line = _equals(account.attribute, account.wanted)
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


def _equals(name: str, value: str | None) -> Text:
    return Text.assemble((clean(name), "bold"), " = ", ("(none)", "dim") if value is None else values([value]))


def _pending(operation: str) -> Text | str:
    return Text(f"waits: {operation}", style="yellow") if operation else ""


def _quoted(value: str | None) -> str:
    return "nothing" if value is None else repr(clean(value))
