"""Our functions for directories: distinguished names, bit flags, accounts, FILETIME, generalized time."""

from accord.engine.catalogue import PREFIX, Group, bind, not_empty
from accord.engine.catalogue import Function as Fn
from accord.engine.frames import literal

_DN = '"·dn_escape"'
_RDN = literal(r"(?s)^[^=]+=((?:[^,+\\]|\\.)*)")
_PARENT = literal(r"(?s)^(?:[^,\\]|\\.)*, *(.*)$")
_SPECIAL = literal(r'([,+"\\<>;=])')
# 100-nanosecond steps from 1601 to 1970.
_EPOCH_US = "11644473600000000"
_NEVER = "9223372036854775807"


def _dn_escape() -> str:
    escaped = rf"regexp_replace({_DN}, {_SPECIAL}, '\\\1', 'g')"
    for character, code in (("0", "00"), ("13", "0D"), ("10", "0A")):
        escaped = rf"replace({escaped}, chr({character}), '\{code}')"
    # The space at the end first: a text of one space must not be escaped twice.
    edges = rf"regexp_replace(regexp_replace({escaped}, ' $', '\\ '), '^([ #])', '\\\1')"
    is_special = rf"regexp_matches({_DN}, '[,+\"\\<>;=\x00\r\n]|^[ #]| $')"
    return f"(x) as {bind('dn_escape', 'x', f'case when {is_special} then {edges} else {_DN} end')}"


def _rdn_value() -> str:
    # %XX is what url_decode understands, and it checks that the bytes are UTF-8.
    escaped = f"replace(regexp_extract(x, {_RDN}, 1), '%', '%25')"
    escaped = rf"replace({escaped}, '\\', '%5C')"
    escaped = rf"regexp_replace({escaped}, '\\([0-9A-Fa-f]{{2}})', '%\1', 'g')"
    value = rf"url_decode(replace({escaped}, '\', ''))"
    return f"(x) as {not_empty('rdn_value', value)}"


NAMES = Group(
    "Distinguished names (RFC 4514)",
    (
        Fn("dn_escape", "dn_escape(text)", "the text as a value in a distinguished name",
          "'CN=' || dn_escape('Lee, Ann') || ',OU=People'", r"CN=Lee\, Ann,OU=People", _dn_escape()),
        Fn("dn_parent", "dn_parent(dn)", "the name of the parent, null when there is none",
          "dn_parent('CN=Lee\\, Ann,OU=People,DC=x')", "OU=People,DC=x",
          f"(x) as {not_empty('dn_parent', f'regexp_extract(x, {_PARENT}, 1)')}"),
        Fn("rdn_value", "rdn_value(dn)", "the first value of the name, not escaped",
          "rdn_value('CN=Lee\\, Ann,OU=People')", "Lee, Ann", _rdn_value()),
    ),
)  # fmt: skip

FLAGS = Group(
    "Bit flags",
    (
        Fn("has_bit", "has_bit(flags, bit)", "true when all bits of the number are set; null counts as 0",
          "has_bit(514, 2)", "true", "(x, bit) as (coalesce(x, 0) & bit = bit)"),
        Fn("set_bit", "set_bit(flags, bit)", "the flags with the bits set; null counts as 0",
          "set_bit(512, 65536)", "66048", "(x, bit) as (coalesce(x, 0) | bit)"),
        Fn("clear_bit", "clear_bit(flags, bit)", "the flags with the bits cleared; null counts as 0",
          "clear_bit(66048, 65536)", "512", "(x, bit) as (coalesce(x, 0) & ~bit)"),
        Fn("enable_account", "enable_account(flags)",
          "userAccountControl of an enabled account; null counts as 512, a normal account",
          "enable_account(514)", "512", "(x) as (coalesce(x, 512) & ~2::bigint)"),
        Fn("disable_account", "disable_account(flags)",
          "userAccountControl of a disabled account; null counts as 512, a normal account",
          "disable_account(null)", "514", "(x) as (coalesce(x, 512) | 2)"),
    ),
)  # fmt: skip

TIMES = Group(
    "Times of directories",
    (
        Fn("to_filetime", "to_filetime(date or time)", "Windows FILETIME: steps of 100 ns since 1601",
          "to_filetime(timestamp '2030-05-17 08:30:00')", "135497106000000000",
          f"(x timestamp) as ((epoch_us(x) + {_EPOCH_US}) * 10)"),
        Fn("from_filetime", "from_filetime(number)", "the time of a FILETIME; null for 0 and the greatest: never",
          "from_filetime(135497106000000000)", "2030-05-17T08:30:00Z",
          f"(x) as make_timestamp({PREFIX}nullif({PREFIX}nullif(x, 0), {_NEVER}) // 10 - {_EPOCH_US})"),
        Fn("generalized_time", "generalized_time(date or time)", "LDAP generalized time",
          "generalized_time(timestamp '2030-05-17 08:30:00')", "20300517083000Z",
          "(x timestamp) as strftime(x, '%Y%m%d%H%M%SZ')"),
        Fn("from_generalized_time", "from_generalized_time(text)", "the time in LDAP generalized time",
          "from_generalized_time('20300517103000.0+0200')", "2030-05-17T08:30:00Z",
          "(x) as timezone('UTC', strptime(regexp_replace(x, 'Z$', '+0000'), "
          "['%Y%m%d%H%M%S%z', '%Y%m%d%H%M%S.%f%z']))"),
    ),
)  # fmt: skip

GROUPS = (NAMES, FLAGS, TIMES)
