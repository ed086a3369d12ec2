"""Why not, as text one can follow: rule by rule, its scope, its joins, and what came of it."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from accord.cli.tables.explaining import decision_lines
from accord.cli.tables.parts import cell, clean, grid, heading, indented
from accord.operations.absence import JoinTrial, RuleTrial, WhyNot

_VERDICTS = {"yes": "green", "no": "yellow", "failed": "red"}


def why_not_page(found: WhyNot) -> Iterator[RenderableType]:
    """Yield what each rule had to say, what keeps an identity alive, and what persons decided."""
    subject = f"identity:{found.identity_id}" if found.identity_id is not None else "an object that belongs to nobody"
    yield heading(found.name, subject)
    if not found.trials:
        yield indented(Text("it has every account that rules know of" if found.life else "no rule reads such objects"))
    for trial in found.trials:
        yield Text()
        yield from _trial(trial, found)
    if found.life is not None:
        kept = f" ({', '.join(found.life.kept_by)})" if found.life.kept_by else ""
        yield Text()
        yield heading("its end", found.life.trigger)
        yield indented(Text(clean(f"{found.life.outcome}{kept}")))
    yield from decision_lines(found.decisions)


def _trial(trial: RuleTrial, found: WhyNot) -> Iterator[RenderableType]:
    yield heading(trial.rule, f"{trial.system} {trial.object_type}, {trial.scope}")
    yield indented(Text(clean(trial.outcome), style="bold"))
    made = grid(8, None)
    for condition in trial.conditions:
        line = Text(clean(condition.condition), style="cyan").append(f"  with {clean(condition.reads)}", style="dim")
        made.add_row(cell(condition.verdict, _VERDICTS[condition.verdict]), line)
    if trial.conditions:
        yield indented(made, 4)
    for number, join in enumerate(trial.joins, start=1):
        yield indented(_join(number, join, found), 4)


def _join(number: int, join: JoinTrial, found: WhyNot) -> Text:
    keys = " and ".join(f"{k.attribute} = {k.values or 'nothing'} (from {k.expression})" for k in join.keys)
    who = ", ".join(f"{found.candidates.get(c, '')} (identity:{c})".strip() for c in join.candidates) or "nobody"
    return Text.assemble((f"join {number} ", "dim"), clean(keys), (" → ", "dim"), clean(who))
