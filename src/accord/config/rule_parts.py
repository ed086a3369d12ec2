"""Digests of the parts of what is declared, so that it can be told which part of the rules a change concerns."""

from accord.config.digest import digest_of_documents, digested_documents
from accord.config.documents import rule_document
from accord.config.places import FileKind
from accord.model.rule_parts import WHOLE, RuleParts
from accord.model.rules import RuleSet


def parts_of(rules: RuleSet) -> RuleParts:
    """Return the digests of each outbound rule's flows, of the rest of each, and of all else.

    All else includes which outbound rules there are, what they connect, and their order: a change there may concern
    links and identities.
    """
    outbound = {rule.name: rule for rule in rules.outbound}
    documents: list[object] = [
        d for d in digested_documents(rules) if not (d[0] == str(FileKind.RULE) and d[1] in outbound)
    ]
    documents += [[r.name, r.system, r.object_type, r.identity_type, r.order, r.slot] for r in rules.outbound]
    parts = {WHOLE: {WHOLE: digest_of_documents(documents)}}
    for name, rule in outbound.items():
        document = rule_document(rule)
        flows = document.pop("flows", {})
        parts[name] = {WHOLE: digest_of_documents(document)}
        if isinstance(flows, dict):
            parts[name] |= {target: digest_of_documents(flow) for target, flow in flows.items()}
    return parts
