# ruff: noqa: RUF001 - letters that look like Latin ones are what this is about
import re
import time
from datetime import UTC, datetime

import pytest

from accord.engine.catalogue import PREFIX
from accord.engine.expressions import Column, attempt
from accord.engine.frames import Engine
from accord.engine.functions import FUNCTIONS, install
from accord.model.errors import ConfigError, ExpressionError
from accord.model.schema import ValueType

TEXT = Column(ValueType.TEXT)
TEXTS = Column(ValueType.TEXT, is_multivalued=True)
INTEGER = Column(ValueType.INTEGER)


def shown(value: str | list[str] | None) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(f"'{item}'" for item in value) + "]"
    return "null" if value is None else value


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_gives_what_its_documentation_says(evaluate, name):
    function = FUNCTIONS[name]
    assert shown(evaluate(function.example)) == function.result


CALLING = sorted(n for n, f in FUNCTIONS.items() if PREFIX in f.macro or "{now}" in f.macro or n == "lookup")


@pytest.mark.parametrize("name", CALLING)
def test_a_function_works_where_only_what_it_needs_was_installed(evaluate_alone, name):
    function = FUNCTIONS[name]
    assert shown(evaluate_alone(function.example)) == function.result


def test_what_is_required_and_missing_fails_that_row_alone(engine: Engine) -> None:
    attempted = attempt("accord_required(name) || '!'")
    rows = engine.rows(f"select {attempted} is null, ({attempted}).v from (values ('Ann'), (null)) as given(name)")
    assert rows == [(False, "Ann!"), (True, None)]


NULL_ARGUMENTS = {
    name: re.sub(r"\bx\b", "nothing", call)
    for name, call in {
        "translit": "translit(x)", "translit_de": "translit_de(x)", "name_case": "name_case(x)",
        "initial": "initial(x)", "account_name": "account_name(x)", "mail_local": "mail_local(x)",
        "dn_escape": "dn_escape(x)", "dn_parent": "dn_parent(x)", "rdn_value": "rdn_value(x)",
        "digits": "digits(x)", "phone_e164": "phone_e164(x, '41')", "collapse_spaces": "collapse_spaces(x)",
        "blank_to_null": "blank_to_null(x)", "split": "split(x, ',')", "parse_date": "parse_date(x, '%Y')",
        "parse_datetime": "parse_datetime(x)", "from_generalized_time": "from_generalized_time(x)",
        "lookup": "lookup('sites', x)",
    }.items()
}  # fmt: skip


@pytest.mark.parametrize("call", NULL_ARGUMENTS.values(), ids=NULL_ARGUMENTS)
def test_null_in_gives_null_out(evaluate, call):
    assert evaluate(call, {"nothing": (TEXT, None)}) is None


@pytest.mark.parametrize(
    "name",
    sorted({"x", "y", "a", "b", "v", "other", "separator", "format", "zone", "bit", "country_code", "elem", "n"}),
)
def test_attributes_named_like_the_inside_of_a_function_are_not_captured(evaluate, name):
    attributes = {name: (TEXT, "Zoë; b"), "many": (TEXTS, ["Zoë", "b"])}
    column = f'"{name}"'
    assert evaluate(f"translit({column})", attributes) == "Zoe; b"
    assert evaluate(f"ifempty('', {column})", attributes) == "Zoë; b"
    assert evaluate(f"split({column}, ';')", attributes) == ["Zoë", "b"]
    assert evaluate(f"join([i || {column} for i in many if i <> 'b'], ',')", attributes) == "ZoëZoë; b"
    assert evaluate(f"contains_value(many, left({column}, 3))", attributes) == "true"
    assert evaluate(f"lookup('sites', 'none', {column})", attributes) == "Zoë; b"
    assert evaluate(f"phone_e164('044 668 18 00', left({column}, 0) || '41')", attributes) == "+41446681800"


DN_VALUES = [
    ("Lee, Ann", "Lee\\, Ann"),
    ("plain name", "plain name"),
    (" lead", "\\ lead"),
    ("#1", "\\#1"),
    ("a#1", "a#1"),
    ("trail ", "trail\\ "),
    (" ", "\\ "),
    ("  ", "\\ \\ "),
    ("back\\", "back\\\\"),
    ("back\\ ", "back\\\\\\ "),
    ('a+b"c<d>e;f=g', 'a\\+b\\"c\\<d\\>e\\;f\\=g'),
    ("a\r\nb", "a\\0D\\0Ab"),
    ("Zoë 北", "Zoë 北"),
]


@pytest.mark.parametrize(("value", "escaped"), DN_VALUES)
def test_values_of_names_are_escaped_as_rfc_4514_2_4_says_and_read_back(evaluate, value, escaped):
    attributes = {"value": (TEXT, value)}
    assert evaluate("dn_escape(value)", attributes) == escaped
    assert evaluate("rdn_value('CN=' || dn_escape(value) || ',DC=x')", attributes) == value
    assert evaluate("dn_parent('CN=' || dn_escape(value) || ',OU=a\\, b,DC=x')", attributes) == "OU=a\\, b,DC=x"


def test_nul_in_a_name_is_escaped(engine):
    assert engine.value("select accord_dn_escape('a' || chr(0) || 'b')") == "a\\00b"


def test_hexadecimal_pairs_in_names_are_bytes(evaluate):
    assert evaluate("rdn_value('CN=M\\C3\\BCller 100%\\\\41,DC=x')") == "Müller 100%\\41"
    assert evaluate("dn_parent('DC=x')") is None


TRANSLITERATED = [
    ("Łódź Đorđe Øst Þór Æbler Œuvre ß", "Lodz Dorde Ost Thor Aebler Oeuvre ss"),
    ("İstanbul Şırnak Ğ", "Istanbul Sirnak G"),
    ("Щербаков Юлия Жуков Ёлкин Объедков", "Shcherbakov Iuliia Zhukov Elkin Obieedkov"),
    ("Зеленський Їжак", "Zelenskii Izhak"),
    ("Љубица Џорџ Ђорђе", "Ljubitsa Dzordz Dorde"),
    ("Γιώργος Ευάγγελος Χρήστος Παύλος Ούρσουλα", "Giorgos Evangelos Christos Pavlos Oursoula"),
    ("O’Neil “x” a–b", 'O\'Neil "x" a-b'),
    ("Mu\u0308ller", "Muller"),
    ("北京", "北京"),
]


@pytest.mark.parametrize(("text", "latin"), TRANSLITERATED)
def test_names_of_other_alphabets_become_latin(evaluate, text, latin):
    assert evaluate("translit(x)", {"x": (TEXT, text)}) == latin


def test_german_umlauts_become_two_letters(evaluate):
    assert evaluate("translit_de('MÜLLER Ärger MENÜ Größe Mu\u0308ller')") == "MUELLER Aerger MENUE Groesse Mueller"


CASED = [
    ("JEAN-LUC O'NEIL", "Jean-Luc O'Neil"),
    ("o’neil  van der berg", "O’Neil  Van Der Berg"),
    ("élan", "Élan"),
    ("3rd", "3rd"),
]


@pytest.mark.parametrize(("text", "cased"), CASED)
def test_words_of_names_begin_after_space_hyphen_and_apostrophe(evaluate, text, cased):
    assert evaluate("name_case(x)", {"x": (TEXT, text)}) == cased


def test_the_local_part_of_an_address_is_always_a_dot_atom(evaluate):
    atom = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*")
    for text in ("..Ann..Lee..", " Ann \t Lee ", "a . ' . b", "Zoë(x)@y", "x" * 100, "a" * 63 + ".b", "-"):
        local = evaluate("mail_local(x)", {"x": (TEXT, text)})
        assert isinstance(local, str)
        assert atom.fullmatch(local), local
        assert len(local) <= 64
    assert evaluate("mail_local('(北京)')") is None
    assert evaluate("account_name('北京')") is None


PHONES = [
    ("+41 (0)44 668 18 00", "+41446681800"),
    ("0041 44 668 18 00", "+41446681800"),
    ("044/668.18.00", "+41446681800"),
    ("44 668 18 00", "+41446681800"),
    ("none", None),
    ("12", None),
    ("+12+34567890", None),
]


@pytest.mark.parametrize(("raw", "number"), PHONES)
def test_phone_numbers_become_e164_or_nothing(evaluate, raw, number):
    assert evaluate("phone_e164(x, '41')", {"x": (TEXT, raw)}) == number


def test_filetime_is_what_windows_counts(evaluate):
    ticks = int((datetime(2030, 5, 17, 8, 30) - datetime(1601, 1, 1)).total_seconds()) * 10**7  # noqa: DTZ001
    assert evaluate("to_filetime(now())") == str(ticks)
    assert evaluate("from_filetime(t)", {"t": (INTEGER, str(ticks))}) == "2030-05-17T08:30:00Z"
    assert evaluate("from_filetime(0)") is None
    assert evaluate("from_filetime(9223372036854775807)") is None


def test_flags_of_accounts_treat_null_as_nothing_set(evaluate):
    none = {"flags": (INTEGER, None)}
    assert evaluate("has_bit(flags, 2)", none) == "false"
    assert evaluate("set_bit(flags, 2)", none) == "2"
    assert evaluate("clear_bit(flags, 2)", none) == "0"
    assert evaluate("enable_account(flags)", none) == "512"
    assert evaluate("has_bit(-2147483646, 2)") == "true"


def test_offsets_are_applied_wherever_text_becomes_a_time(evaluate):
    for text in (
        "parse_datetime('2030-05-17T10:30:00+02:00')",
        "parse_datetime('17.05.2030 10:30 +0200', '%d.%m.%Y %H:%M %z')",
        "cast('2030-05-17T10:30:00+02:00' as timestamp)",
        "try_cast('2030-05-17T10:30:00+02:00' as timestamp)",
        "timestamp '2030-05-17T10:30:00+02:00'",
        "'2030-05-17T10:30:00+02:00'::timestamptz",
        "from_generalized_time('20300517103000+0200')",
    ):
        assert evaluate(text) == "2030-05-17T08:30:00Z", text


def test_summer_and_winter_time_differ(evaluate):
    assert evaluate("format_date(to_local(timestamp '2030-01-17 08:30:00', 'Europe/Zurich'), '%H')") == "09"
    assert evaluate("from_local(timestamp '2030-01-17 00:00:00', 'Europe/Zurich')") == "2030-01-16T23:00:00Z"


def test_now_is_the_runs_time_and_not_the_clock():
    with Engine(threads=1) as own:
        for year in (1999, 2040):
            install(own, now=datetime(year, 5, 17, 23, 30, tzinfo=UTC))
            assert own.rows("select accord_now()::varchar, accord_today()::varchar") == [
                (f"{year}-05-17 23:30:00", f"{year}-05-17")
            ]


def test_lookups_find_every_key_and_nothing_else(engine):
    entries = {f"Key {i} é": f"Value {i}" for i in range(3000)} | {"": "empty", "a'b\"c": "quoted"}
    with Engine(threads=1) as own:
        install(own, now=datetime(2030, 1, 1, tzinfo=UTC), lookups={"big": entries, "none": {}})
        own.run('create table keys as select unnest(list_concat([null, \'x\', \'\', \'a\'\'b"c\'], '
                "[format('Key {} é', i) for i in range(3100)])) as key")  # fmt: skip
        found = own.rows('select key, "accord_lookup:big"(key), "accord_lookup:big"(key, \'?\') from keys')
        assert [(key, value) for key, value, _ in found] == [(key, entries.get(key)) for key, _, _ in found]
        assert [other for _, _, other in found] == [entries.get(key, "?") for key, _, _ in found]
        assert own.value("select \"accord_lookup:none\"('x')") is None
        assert (
            own.value("select count(v) from (select (" + attempt('"accord_lookup:big"(key)') + ").v as v from keys)")
            == 3002
        )


def test_a_large_lookup_over_many_rows_is_quick():
    entries = {f"K{i}": f"V{i % 50}" for i in range(10_000)}
    with Engine(threads=2) as own:
        install(own, now=datetime(2030, 1, 1, tzinfo=UTC), lookups={"big": entries})
        own.run("create table keys as select 'K' || (i % 12000) as key from range(200000) r(i)")
        start = time.perf_counter()
        assert own.value('select count("accord_lookup:big"(key)) from keys') > 160_000
        assert time.perf_counter() - start < 3


@pytest.mark.parametrize("entries", [{"a": ""}, {"a\x1e": "b"}, {"a": "b\x1f"}])
def test_lookup_entries_that_cannot_be_kept_are_refused(entries):
    with Engine(threads=1) as own, pytest.raises(ConfigError, match="lookup table 'bad'"):
        install(own, now=datetime(2030, 1, 1, tzinfo=UTC), lookups={"bad": entries})


NESTED = ["translit_de(dn_escape({}))", "mail_local({})", "nullif(rdn_value({}), '')", "lookup('sites', {}, {})"]


@pytest.mark.parametrize("call", NESTED)
def test_nested_calls_do_not_multiply_the_work(compiler, call):
    text = "name"
    for _ in range(10 // (3 if "lookup" in call else call.count("("))):
        text = call.format(text, "name")
    start = time.perf_counter()
    compiler.compile(text, {"name": TEXT})
    assert time.perf_counter() - start < 1
    with pytest.raises(ExpressionError, match="in one another"):
        compiler.compile(
            call.format(call.format(text, "name"), "name").replace("name", call.format("name", "name")), {"name": TEXT}
        )
