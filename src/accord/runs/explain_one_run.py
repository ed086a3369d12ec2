"""Why one reference is there or not: the pipeline on the two it is between, however many others there are."""

from dataclasses import dataclass

from accord.runs.closure import Closure, Rest
from accord.runs.context import Context
from accord.runs.loading import new_workspace
from accord.sync.compiling import compile_rules
from accord.sync.explaining_one import Pair, ReferenceTrial, explain_account_reference, explain_reference
from accord.sync.planning import settle_accounts, settle_identities


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """Who is, or could be, referred to: an identity, an object that belongs to nobody, or a name nobody has."""

    identity_id: int | None = None
    object_id: int | None = None
    name: str = ""


def run_explain_reference(context: Context, identity_id: int, other: Other) -> tuple[ReferenceTrial, ...]:
    """Return of each reference of the identity and of its accounts why it names the other or not; changes nothing.

    Of many references only those between the two are read, except where several rules have a say on one reference:
    there each one of the identity's may decide, and all are read.
    """
    store = context.store
    compiled = compile_rules(context.rules)
    closure = Closure(store=store, rules=compiled)
    others = {i for i in (other.identity_id,) if i is not None}
    closure.grow({i for i in (other.object_id,) if i is not None}, {identity_id} | others)
    closure.texts |= {text for text in (other.name, other.name.lower()) if text}
    pair = Pair(
        identity_id=identity_id,
        identity_type=str(store.metaverse.read_identities_by_id([identity_id]).table["type"][0].as_py()),
        other_id=other.identity_id,
        other_objects=() if other.object_id is None else (other.object_id,),
        name=other.name,
    )
    with context.small_engine() as engine:
        workspace = new_workspace(context, engine, compiled)
        workspace.is_explained = True
        workspace.beyond = Rest(closure)
        closure.load(workspace)
        settle_identities(workspace)
        found = explain_reference(workspace, pair)
        settle_accounts(workspace)
        return (*found, *explain_account_reference(workspace, pair))
