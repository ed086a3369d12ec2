"""Our functions on text: cleaning, names, account names, transliteration."""

from accord.engine.catalogue import PREFIX, Group, bind, not_empty
from accord.engine.catalogue import Function as Fn
from accord.engine.frames import literal
from accord.engine.transliteration import cyrillic, german, german_lower, greek, latin
from accord.engine.types import BLANK

_WORDS = literal("[^ '’-]+|[ '’-]+")  # noqa: RUF001 - both apostrophes occur in names
_NAME = '"·name_case"'
_WORD = '"·name_case_word"'
_DE = '"·translit_de"'
_DE_ANY = '"·translit_de_any"'
_ANY = '"·translit"'
_PLAIN = '"·translit_plain"'
_LOCAL = '"·mail_local"'
_ACCOUNT = '"·account_name"'
_BLANK = '"·blank_to_null"'
_PHONE = '"·phone_e164"'
_REQUIRED = '"·required"'


def _is_ascii(sql: str) -> str:
    return f"strlen({sql}) = length({sql})"


def _translit() -> str:
    # Most names are ASCII already, or are so without their accents: the tables are for the others.
    by_tables = (
        f"case when {_is_ascii(_PLAIN)} then {_PLAIN}"
        rf" when regexp_matches({_PLAIN}, '[\p{{Greek}}\p{{Cyrillic}}]') then {latin(cyrillic(greek(_PLAIN)))}"
        f" else {latin(_PLAIN)} end"
    )
    plain = bind("translit_plain", f"strip_accents({_ANY})", by_tables)
    return f"(x) as {bind('translit', 'x', f'case when {_is_ascii(_ANY)} then {_ANY} else {plain} end')}"


def _translit_de() -> str:
    umlauts = f"case when regexp_matches({_DE}, '[ÄÖÜ]') then {german(_DE)} else {german_lower(_DE)} end"
    replaced = f"{PREFIX}translit({bind('translit_de', f'nfc_normalize({_DE_ANY})', umlauts)})"
    return (
        f"(x) as {bind('translit_de_any', 'x', f'case when {_is_ascii(_DE_ANY)} then {_DE_ANY} else {replaced} end')}"
    )


def _blank_to_null() -> str:
    blank = f"regexp_full_match({_BLANK}, {literal(BLANK)})"
    return bind("blank_to_null", "x", f"case when not {blank} then {_BLANK} end")


def _mail_local() -> str:
    kept = rf"regexp_replace({_LOCAL}, '[^a-z0-9._\s-]', '', 'g')"
    dotted = rf"ltrim(regexp_replace({kept}, '[\s.]+', '.', 'g'), '.')"
    cut = not_empty("mail_local_cut", f"rtrim(left({dotted}, 64), '.')")
    is_fine = rf"length({_LOCAL}) <= 64 and regexp_full_match({_LOCAL}, '[a-z0-9_-]+(\.[a-z0-9_-]+)*')"
    body = f"case when {is_fine} then {_LOCAL} else {cut} end"
    return f"(x) as {bind('mail_local', f'lower({PREFIX}translit(x))', body)}"


def _account_name() -> str:
    kept = not_empty("account_name_kept", f"regexp_replace({_ACCOUNT}, '[^a-z0-9._-]', '', 'g')")
    body = f"case when regexp_full_match({_ACCOUNT}, '[a-z0-9._-]+') then {_ACCOUNT} else {kept} end"
    return f"(x) as {bind('account_name', f'lower({PREFIX}translit(x))', body)}"


def _required() -> str:
    # A conversion that cannot succeed is the one way to fail that the engine lets a row survive.
    told = f"case when {_REQUIRED} is null then 'a value that is required is missing' else '1' end"
    return bind("required", "x", f"case when cast({told} as integer) = 1 then {_REQUIRED} end")


def _phone() -> str:
    digits = r"regexp_replace(regexp_replace(x, '\(0\)', ''), '[^0-9+]', '', 'g')"
    international = (
        f"case when starts_with({_PHONE}, '+') then {_PHONE}"
        f" when starts_with({_PHONE}, '00') then '+' || substr({_PHONE}, 3)"
        f" when starts_with({_PHONE}, '0') then '+' || country_code || substr({_PHONE}, 2)"
        f" else '+' || country_code || {_PHONE} end"
    )
    whole = bind("phone_e164", digits, international)
    number = rf"regexp_extract({whole}, '^\+[1-9][0-9]{{6,14}}$')"
    return f"(x, country_code) as {not_empty('phone_e164_number', number)}"


CLEANING = Group(
    "Cleaning",
    (
        Fn("blank_to_null", "blank_to_null(text)", "null when there is nothing but white space",
          "blank_to_null('  ')", "null",
          f"(x) as {_blank_to_null()}"),
        Fn("ifempty", "ifempty(text, other)", "the other text when the first is null or white space",
          "ifempty(' ', 'none')", "none", f"(x, other) as coalesce({PREFIX}blank_to_null(x), other)"),
        Fn("required", "required(value)", "the value; without one the object is reported as failed",
          "required('Ann')", "Ann", f"(x) as {_required()}"),
        Fn("collapse_spaces", "collapse_spaces(text)", "trims, and makes one space of any white space within",
          "collapse_spaces('  Ann   Lee ')", "Ann Lee",
          r"(x) as trim(regexp_replace(x, '[\s\p{Z}]+', ' ', 'g'))"),
        Fn("digits", "digits(text)", "its digits only, null when there are none", "digits('+41 (44) 12')", "414412",
          f"""(x) as {not_empty("digits", "regexp_replace(x, '[^0-9]', '', 'g')")}"""),
        Fn("phone_e164", "phone_e164(text, country_code)",
          "a phone number as + and digits, with the country code when it has none; null when it is no number",
          "phone_e164('044 668 18 00', '41')", "+41446681800", _phone()),
    ),
)  # fmt: skip

NAMES = Group(
    "Names",
    (
        Fn("name_case", "name_case(text)",
          "every word with one capital; words begin after space, hyphen and apostrophe",
          "name_case('JEAN-LUC o''NEIL')", "Jean-Luc O'Neil",
          f"(x) as array_to_string(list_transform(regexp_extract_all(lower(x), {_WORDS}), "
          f"lambda {_WORD}: upper({_WORD}[1]) || substr({_WORD}, 2)), '')"),
        Fn("initial", "initial(text)", "the first letter as a capital, null when there is none",
          "initial('élan')", "É", f"(x) as {not_empty('initial', 'upper(left(ltrim(x), 1))')}"),
        Fn("translit", "translit(text)",
          "ASCII: without accents, ß ss, æ ae, ø o, þ th; Cyrillic by ICAO 9303, Greek by ISO 843; others stay",
          "translit('Łódź Müller Юрий Παπαδόπουλος')", "Lodz Muller Iurii Papadopoulos", _translit()),
        Fn("translit_de", "translit_de(text)", "the same, but ä ae, ö oe, ü ue, as German readers expect",
          "translit_de('Müller Øst')", "Mueller Ost", _translit_de()),
        Fn("account_name", "account_name(text)",
          "transliterated, lower case, nothing but letters, digits, dot, hyphen and underscore; null when empty",
          "account_name('Zoë.O''Neil')", "zoe.oneil", _account_name()),
        Fn("mail_local", "mail_local(text)",
          "what stands before the @ of an address: as account_name, spaces as single dots, at most 64 characters",
          "mail_local('Zoë  van O''Neil.')", "zoe.van.oneil", _mail_local()),
    ),
)  # fmt: skip

GROUPS = (CLEANING, NAMES)
