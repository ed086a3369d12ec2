"""Password mappings: one password for all by Static, or one made for each by the options of the mapping."""

from accord.datasync.body import FieldMap
from accord.datasync.loose import Loose, wrong
from accord.datasync.providers import ProviderKind
from accord.datasync.transforms import Static, parse_transform
from accord.model.rules import PasswordPolicy

MADE_FOR_EACH = 1
_NAMES = frozenset({"password", "unicodepwd", "userpassword"})
_FEWEST, _MOST = 6, 99
_FEWEST_CLASSES = 3


def is_password(destination_field: str) -> bool:
    """Tell whether a destination field takes a password."""
    return destination_field.casefold() in _NAMES


def password_policy(field: FieldMap, provider: ProviderKind) -> PasswordPolicy:
    """Return the policy of a password mapping; a Static one's text is its reference, sealed when it was stored."""
    options = Loose(field.options, f"{field.place}.options")
    transform = parse_transform(field.transform, field.source, f"{field.place}.transform") if field.transform else None
    attribute = _attribute(field, provider)
    if isinstance(transform, Static) and options.number("passwordType") != MADE_FOR_EACH:
        return PasswordPolicy(attribute=attribute, secret=transform.text)
    if transform is not None and not isinstance(transform, Static):
        raise wrong(f"{field.place}.transform", "a password is Static, or made by the options", "use Static or none")
    return _made(options, attribute, provider)


def _made(options: Loose, attribute: str, provider: ProviderKind) -> PasswordPolicy:
    length = options.number("passwordLength", 16)
    if not _FEWEST <= length <= _MOST:
        raise wrong(options.at("passwordLength"), f"must be between {_FEWEST} and {_MOST}")
    policy = PasswordPolicy(
        attribute=attribute,
        length=length,
        has_uppercase=options.flag("includeUppercaseAlphabets", default=True),
        has_lowercase=options.flag("includeLowercaseAlphabets", default=True),
        has_digits=options.flag("includeDigits", default=True),
        symbols=options.text("specialSymbols", "!#$%*+-") if options.flag("includeSpecialSymbols") else "",
        avoids_similar=options.flag("excludeSimilarSymbols"),
    )
    classes = sum((policy.has_uppercase, policy.has_lowercase, policy.has_digits, bool(policy.symbols)))
    if provider is ProviderKind.ACTIVE_DIRECTORY and classes < _FEWEST_CLASSES:
        raise wrong(options.place, "Active Directory wants at least three of: upper case, lower case, digits, symbols")
    if not classes:
        raise wrong(options.place, "a password needs characters: choose at least one kind")
    return policy


def _attribute(field: FieldMap, provider: ProviderKind) -> str:
    if provider is ProviderKind.ACTIVE_DIRECTORY:
        return "unicodePwd"
    if provider is ProviderKind.SCIM:
        return "password"
    return "userPassword" if provider is ProviderKind.LDAP else field.destination
