"""Where matching rules stand: moving them between the object types of a system and its synchronisation rules."""

from accord.config.canonical import Document, document_of
from accord.config.files import MatchPart
from accord.config.places import FileKind
from accord.operations.administration.desk import Desk, Draft
from accord.operations.administration.matching import written_list
from accord.operations.administration.matching_views import MatchingMode, ModeSwitched, NewMode
from accord.operations.administration.systems import system_named

Touched = tuple[set[str], set[str]]
"""The rules and the object types whose matching rules moved."""


def switch_mode(desk: Desk, system_number: int, new: NewMode) -> ModeSwitched:
    """Move the matching rules of a system to its synchronisation rules, or back to its object types."""
    name = system_named(desk, system_number)
    touched: Touched = (set(), set())
    move = _to_rules if new.mode is MatchingMode.SYNC_RULE else _to_types
    desk.change("switch_matching_mode", name, new.change_reason, lambda draft: move(desk, draft, name, touched))
    rules, types = touched
    return ModeSwitched(
        success=True, new_mode=new.mode, sync_rules_updated=len(rules), object_types_updated=len(types), warnings=(),
        object_type_migrations=tuple(sorted(types)),
    )  # fmt: skip


def _to_rules(desk: Desk, draft: Draft, name: str, touched: Touched) -> None:
    rules = {rule: file for rule, file in desk.read.rules.items() if file.system == name}
    for type_name, part in desk.read.systems[name].objects.items():
        for rule, file in rules.items():
            moving = [m for m in part.match if file.object == type_name and m.identity == file.identity]
            if moving:
                written_list(draft, (FileKind.RULE, rule, ""))[:0] = [_join_of(match) for match in moving]
                touched[0].add(rule)
        if part.match:
            written_list(draft, (FileKind.SYSTEM, name, type_name)).clear()
            touched[1].add(type_name)


def _to_types(desk: Desk, draft: Draft, name: str, touched: Touched) -> None:
    for rule, file in desk.read.rules.items():
        if file.system != name or not file.join or file.object not in desk.read.systems[name].objects:
            continue
        matches = written_list(draft, (FileKind.SYSTEM, name, file.object))
        moving = [join for join in file.join if join.fuzzy is None]
        for join in moving:
            part = MatchPart(identity=file.identity, keys=join.keys, case_sensitive=join.case_sensitive)
            if document_of(part) not in matches:
                matches.append(document_of(part))
        # Likeness is for one rule alone: it stays there.
        rest = [document_of(join) for join in file.join if join.fuzzy is not None]
        written_list(draft, (FileKind.RULE, rule, ""))[:] = rest
        touched[0].add(rule)
        touched[1].add(file.object)


def _join_of(match: MatchPart) -> Document:
    return {"keys": dict(match.keys), "case_sensitive": match.case_sensitive}
