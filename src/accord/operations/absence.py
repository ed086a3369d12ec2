"""Why not, for whoever asks: why somebody has no account, why an object belongs to nobody, why nobody ends."""

from dataclasses import dataclass

from accord.operations.decisions import Decision, decisions_about
from accord.operations.naming import name_identities
from accord.operations.subjects import find_subject
from accord.runs.context import Context
from accord.runs.why_not_run import is_quick, run_why_unlinked, run_why_without
from accord.sync.absence import ConditionTrial, JoinTrial, KeyTrial, LifeTrial, RuleTrial

__all__ = [
    "ConditionTrial", "JoinTrial", "KeyTrial", "LifeTrial", "RuleTrial", "WhyNot", "is_quick", "why_not"
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyNot:
    """What every rule concerned had to say. `candidates` names the identities that joins found, by number."""

    name: str
    identity_id: int | None
    object_id: int | None
    trials: tuple[RuleTrial, ...]
    life: LifeTrial | None
    candidates: dict[int, str]
    decisions: tuple[Decision, ...]


def why_not(context: Context, text: str, system: str | None = None) -> WhyNot:
    """Return why the object meant by a text belongs to nobody, or why the identity lacks accounts, in a system or any.

    Raises NotFound or UsageError when the text means nothing or several things.
    """
    if system is not None:
        context.system(system)
    subject = find_subject(context, text)
    if subject.identity_id is None:
        object_id = subject.object_id or 0
        found, name = run_why_unlinked(context, object_id), text
    else:
        object_id = None
        found = run_why_without(context, subject.identity_id)
        name = _name(context, subject.identity_id)
    trials = tuple(t for t in found.trials if system in (None, t.system))
    candidates = sorted({c for t in trials for j in t.joins for c in j.candidates})
    return WhyNot(
        name=name,
        identity_id=subject.identity_id,
        object_id=object_id,
        trials=trials,
        life=found.life,
        candidates=dict(name_identities(context, context.store.metaverse.read_identities_by_id(candidates).table)),
        decisions=decisions_about(
            context,
            [i for i in (subject.identity_id,) if i is not None],
            [i for i in (object_id,) if i is not None],
        ),
    )


def _name(context: Context, identity_id: int) -> str:
    return str(
        name_identities(context, context.store.metaverse.read_identities_by_id([identity_id]).table)[identity_id]
    )
