"""What a rule says of first passwords: the secret is elsewhere, and no flow writes the same attribute."""

from accord.config.opening import is_reference, secret_remedy
from accord.config.places import FileKind
from accord.config.subject import Subject
from accord.model.rules import OutboundRule


def check_password(subject: Subject, rule: OutboundRule) -> None:
    """Report what is wrong with the password of a rule."""
    password, at = rule.password, (FileKind.RULE, rule.name, "password")
    if password is None:
        return
    if password.secret is not None and not is_reference(password.secret):
        subject.error("the secret of the password stands in the file", *at, "secret", remedy=secret_remedy("secret"))
    if any(flow.target.lower() == password.attribute.lower() for flow in rule.flows):
        subject.error(
            f"{password.attribute!r} has a flow as well", *at, "attribute", remedy="remove the flow: it would be stored"
        )
