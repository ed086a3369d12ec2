# ruff: noqa: E501 - attacks are shown as they would come
import pytest

from accord.engine.expressions import Column, attempt, first_errors
from accord.engine.frames import Engine, quote
from accord.engine.gate import OPERATORS
from accord.engine.types import sql_type
from accord.model.errors import ExpressionError
from accord.model.schema import ValueType

V = ValueType
COLUMNS = {
    "first_name": Column(V.TEXT),
    "last_name": Column(V.TEXT),
    "mail": Column(V.TEXT),
    "title": Column(V.TEXT),
    "hire_date": Column(V.TEXT),
    "CN": Column(V.TEXT),
    "c": Column(V.TEXT),
    "x": Column(V.TEXT),
    "elem": Column(V.TEXT),
    "group": Column(V.TEXT),
    "Größe": Column(V.TEXT),
    "emails": Column(V.TEXT, is_multivalued=True),
    "ms-DS-ConsistencyGuid": Column(V.BINARY),
    "id": Column(V.GUID),
    "manager": Column(V.REFERENCE),
    "members": Column(V.REFERENCE, is_multivalued=True),
    "flags": Column(V.INTEGER),
    "quota": Column(V.DECIMAL),
    "active": Column(V.BOOLEAN),
    "born": Column(V.DATE),
    "seen": Column(V.DATETIME),
}

TYPED = [
    ("lower(strip_accents(first_name)) || '.' || lower(last_name)", V.TEXT, False, {"first_name", "last_name"}),
    ("case when title in ('E', 'C') then upper(substr(mail, 1, 1)) else null end", V.TEXT, False, {"title", "mail"}),
    ("case title when 'a' then 1 when 'b' then 2 end", V.INTEGER, False, {"title"}),
    ("coalesce(mail, title, '-')", V.TEXT, False, {"mail", "title"}),
    ("title is not null and (title like 'Eng%' or title ilike 'e_g' or title not like '%!%' escape '!')",
     V.BOOLEAN, False, {"title"}),
    ("title is distinct from 'x'", V.BOOLEAN, False, {"title"}),
    ("not (flags between 1 and 2)", V.BOOLEAN, False, {"flags"}),
    ("title not in ('a', 'b')", V.BOOLEAN, False, {"title"}),
    ("active is true", V.BOOLEAN, False, {"active"}),
    ("first_name[1:3]", V.TEXT, False, {"first_name"}),
    ("emails[1]", V.TEXT, False, {"emails"}),
    ("emails[2:]", V.TEXT, True, {"emails"}),
    ("[lower(x) for x in emails if x is not null]", V.TEXT, True, {"emails"}),
    ("[elem || c for elem in emails if elem in ('a', 'b')]", V.TEXT, True, {"emails", "c"}),
    ("[[x || y for x in emails][1] for y in emails]", V.TEXT, True, {"emails"}),
    ("list_filter(emails, lambda v: v like 'SMTP:%')", V.TEXT, True, {"emails"}),
    ("list_transform(emails, lambda v, i: i)", V.INTEGER, True, {"emails"}),
    ("extract(year from born)", V.INTEGER, False, {"born"}),
    ("born + 1", V.DATE, False, {"born"}),
    ("born - date '2030-01-01'", V.INTEGER, False, {"born"}),
    ("seen + interval 3 day", V.DATETIME, False, {"seen"}),
    ("try_cast(hire_date as date) > current_date", V.BOOLEAN, False, {"hire_date"}),
    ("current_timestamp", V.DATETIME, False, set()),
    ("cast(hire_date as timestamptz)", V.DATETIME, False, {"hire_date"}),
    ("[seen]", V.DATETIME, True, {"seen"}),
    ("[born]", V.DATE, True, {"born"}),
    ("length(title)", V.INTEGER, False, {"title"}),
    ("length(title)::tinyint", V.INTEGER, False, {"title"}),
    ("flags / 2", V.DECIMAL, False, {"flags"}),
    ("flags // 2", V.INTEGER, False, {"flags"}),
    ("quota * 1.5", V.DECIMAL, False, {"quota"}),
    ("cast(title as uuid)", V.GUID, False, {"title"}),
    ("encode(title)", V.BINARY, False, {"title"}),
    ("lookup('sites', title, 'none')", V.TEXT, False, {"title"}),
    ("[lookup('sites', v) for v in emails]", V.TEXT, True, {"emails"}),
    ("null", None, False, set()),
    ("[]", None, True, set()),
    ("id", V.GUID, False, {"id"}),
    ("manager", V.REFERENCE, False, {"manager"}),
    ("members", V.REFERENCE, True, {"members"}),
    ('"ms-DS-ConsistencyGuid"', V.BINARY, False, {"ms-DS-ConsistencyGuid"}),
    ('"group" || "Größe" || größe', V.TEXT, False, {"group", "Größe"}),
    ("cn || FIRST_NAME", V.TEXT, False, {"CN", "first_name"}),
    ("title -- what it says\n", V.TEXT, False, {"title"}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value_type", "is_multivalued", "uses"), TYPED)
def test_an_expression_has_an_exact_type_and_says_what_it_uses(  # noqa: PLR0917
    compiler, engine, text, value_type, is_multivalued, uses
):
    expression = compiler.compile(text, COLUMNS)
    assert (expression.type, expression.is_multivalued) == (value_type, is_multivalued)
    assert expression.uses == uses
    nulls = ", ".join(f"cast(null as {_sql(name)}) as {quote(name)}" for name in COLUMNS)
    described = engine.rows(f"describe select {expression.sql} as v from (select {nulls})")
    assert described[0][1] == expression.sql_type


def _sql(name: str) -> str:
    return sql_type(COLUMNS[name].type, COLUMNS[name].is_multivalued)


OPERATOR_EXAMPLES = {
    "||": ("'a' || 'b'", "ab"), "+": ("1 + 2", "3"), "-": ("1 - 2", "-1"), "*": ("2 * 3", "6"),
    "/": ("3 / 2", "1.5"), "//": ("3 // 2", "1"), "%": ("7 % 4", "3"), "&": ("6 & 3", "2"), "|": ("6 | 3", "7"),
    "~": ("~1", "-2"), "<<": ("1 << 3", "8"), ">>": ("8 >> 3", "1"),
}  # fmt: skip


@pytest.mark.parametrize("operator", sorted(OPERATORS))
def test_every_operator_gives_what_it_should(evaluate, operator):
    text, result = OPERATOR_EXAMPLES[operator]
    assert evaluate(text) == result


COMPUTED = [
    ("case when flags = 1 then 'one' when flags > 1 then 'more' else 'none' end", "more"),
    ("case flags when 7 then 'seven' end", "seven"),
    ("title like 'Eng%' and title ilike 'eng%' and title not like 'X%' and not title ilike 'x%'", "true"),
    ("title like 'Engin!eer' escape '!'", "true"),
    ("flags in (1, 7) and flags not in (2) and flags between 7 and 7", "true"),
    ("mail is null and mail is not distinct from null and mail is distinct from title", "true"),
    ("mail = 'x'", None),
    ("title = 'Engineer' or mail = 'x'", "true"),
    ("title[1:3] || title[-1]", "Engr"),
    ("[v || '!' for v in emails if v <> 'b']", ["a!", "c!"]),
    ("emails[1] || emails[-1]", "ac"),
    ("emails[9]", None),
    ("'a' in emails", "true"),
    ("extract(month from date '2030-05-17')", "5"),
    ("date '2030-05-17' > date '2030-05-16'", "true"),
    ("trim(both '.' from '..a..')", "a"),
    ("substring('Miller' from 2 for 2)", "il"),
    ("'it''s'", "it's"),
    ("cast('007' as integer) + 0", "7"),
    ("try_cast('abc' as integer)", None),
    ("cast(0.1 as double) + cast(0.2 as double)", "0.3"),
    ("cast(null as date)", None),
]


@pytest.mark.parametrize(("text", "result"), COMPUTED)
def test_every_form_of_the_language_means_what_sql_says(evaluate, text, result):
    attributes = {
        "title": (COLUMNS["title"], "Engineer"), "mail": (COLUMNS["mail"], None), "flags": (COLUMNS["flags"], "7"),
        "emails": (COLUMNS["emails"], ["a", "b", "c"]),
    }  # fmt: skip
    assert evaluate(text, attributes) == result


FORBIDDEN = [
    "(select 1)", "first_name || (select max(x) from secrets)", "exists(select 1)", "(with a as (select 1) from a)",
    "flags in (select 1)", "flags = any([1])", "values(1)", "1 union select 2", "1) from read_text('/etc/passwd') t(a) where (1=1",
    "1) order by (1", "first_name) as v, (last_name", "first_name; drop table x", "1; select 2", "title limit 1",
    "read_text('/etc/passwd')", "read_csv('/etc/passwd')", "glob('/*')", "getenv('HOME')", "query('select 1')",
    "current_setting('home_directory')", "getvariable('accord_lookup:sites')", "write_log('x')", "error('x')",
    "nextval('x')", "random()", "gen_random_uuid()", "uuid()", "setseed(1)", "get_current_timestamp()", "txid_current()",
    "repeat('x', 1000000000)", "range(1000000000)", "generate_series(1, 9)", "lpad('x', 1000000000, 'y')",
    "rpad('x', flags, 'y')", "lpad('x', 5)", "bar(1, 2, 3)", "format('{:1000}', title)", "printf('%1000d', 1)",
    "list_reduce(emails, lambda a, b: a || b)", "list_aggregate(emails, 'count')", "list_resize(emails, 1000000000)",
    "sum(flags)", "count(*)", "max(title)", "lower(title) over ()", "row_number() over ()", "lower(distinct title)",
    "lower(title order by title)", "lower(title) filter (where true)", "unnest(emails)", "grouping(title)",
    "*", "columns(*)", "x.*", "?", "$1", "$name", "#1", "default", "rowid", "current_user", "session_user", "user",
    "main.lower('x')", "a.first_name", "emails.x", "title.lower()", "try(cast(title as integer))", "lower(x := title)",
    "title collate nocase", "title::json", "title::foo", "title::main.varchar", "title::enum('a')", "title::struct(a int)",
    "title::map(int, int)", "emails::varchar[3]", "emails::timestamp[]", "map {'a': 1}", "(1, 2)", "row(1, 2)", "array[1]",
    "x'ff'", "flags!", "@flags", "2 ** 3", "2 ^ 3", "title ^@ 'a'", "title ~~~ 'a'", "emails -> 'a'", "title ->> 'a'",
    "list_filter(emails, v -> true)", "lambda v: v", 'list_filter(emails, lambda "·v": true)', "title = ",
    "accord_now()", "accord_translit(title)", '"accord_lookup:sites"(title)', "lookup(title, title)", "lookup('sites')",
    "lookup('nowhere', title)", "now(1)", "title at time zone 'UTC'", "{'a': 1}", "interval 3 day", "time '10:00'",
    "title /*", "/* title", "'abc", '"abc', "title)", "(title", "", " ", "\0", "title\0", "title title",
    "cast('abc' as integer)", "date '2030-02-30'", "1e400", "cast('nan' as double)", "cast('infinity' as date)",
    "case when title = 'a' then cast('x' as bigint) end", "title like 5", "upper(flags)", "translit(flags)", "title + 1",
    "seen > flags", "regexp_matches(title, '(')", "lower()", "lower(title, title)",
]  # fmt: skip


@pytest.mark.parametrize("text", FORBIDDEN)
def test_everything_else_is_refused(compiler, text):
    with pytest.raises(ExpressionError):
        compiler.compile(text, COLUMNS)


HUGE = [
    "not " * 500 + "active",
    "(" * 3000 + "1" + ")" * 3000,
    "||".join(["title"] * 200),
    "x" * 30_000,
]


@pytest.mark.parametrize("text", HUGE, ids=["not", "brackets", "chain", "length"])
def test_size_and_depth_are_bounded(compiler, text):
    with pytest.raises(ExpressionError, match=r"nested too deeply|longer than"):
        compiler.compile(text, COLUMNS)


PLACED = [
    ("'Zürich 😀' || frist_name", 15, "unknown attribute 'frist_name' (did you mean 'first_name'?)", ""),
    ("lower('a'\n  || frist_name)", 16, "did you mean 'first_name'", ""),
    ("lowr(title)", 1, "did you mean lower", ""),
    ("initcap(title)", 1, "use name_case", ""),
    ("ms-DS-ConsistencyGuid", 1, "unknown attribute 'ms'", 'double quotes: "ms-DS-ConsistencyGuid"'),
    ("lower(group)", 7, "group is a word of the language", 'double quotes: "group"'),
    ('title = "Engineer"', 9, "unknown attribute 'Engineer'", "write a text in single quotes"),
    ("lower(title", 12, "ends too early", "close what was opened"),
    ("title title", 7, "syntax error", "write it otherwise"),
    ("'é' || translit(flags)", 8, "translit() does not take integer", "translit(text)"),
    ("case when active then upper(flags) end", 23, "upper() does not take integer", "upper(text)"),
    ("'é' || title + 1", 14, "+ cannot be applied to text and integer", "cast(x as type)"),
    ("title || lookup('site', title)", 17, "there is no lookup table 'site'", "declared: sites"),
    ("seen > flags", 1, "Cannot compare", "cast(x as type)"),
    ("title || (select 1)", 10, "a sub-query is not allowed", ""),
    ("a.b", 1, "qualified name a.b", "write the attribute alone"),
    ("emails -> 'a'", 1, "->", "write lambda x: expression"),
]


@pytest.mark.parametrize(("text", "column", "message", "remedy"), PLACED)
def test_mistakes_are_shown_where_they_are_with_what_to_do(compiler, text, column, message, remedy):
    with pytest.raises(ExpressionError) as caught:
        compiler.compile(text, COLUMNS, place="rules.yaml:7")
    assert (caught.value.column, caught.value.place) == (column, "rules.yaml:7")
    assert message in caught.value.message
    assert remedy in caught.value.remedy


def test_a_name_that_fits_two_attributes_is_not_guessed(compiler):
    columns = {"mail": Column(V.TEXT), "Mail": Column(V.TEXT)}
    assert compiler.compile("Mail", columns).uses == {"Mail"}
    with pytest.raises(ExpressionError, match="name one of them exactly"):
        compiler.compile("MAIL", columns)


def test_an_attribute_named_like_a_moment_is_the_attribute(compiler):
    assert compiler.compile("current_date", {"current_date": Column(V.TEXT)}).type is V.TEXT


def test_a_condition_is_true_or_false(compiler):
    assert compiler.compile_condition("title is null", COLUMNS).type is V.BOOLEAN
    for text in ("title", "null", "[true]", "1"):
        with pytest.raises(ExpressionError, match="must be true or false"):
            compiler.compile_condition(text, COLUMNS)


def test_a_row_that_fails_is_told_from_a_row_without_value(compiler, engine):
    columns = {"raw": Column(V.TEXT)}
    date = compiler.compile("parse_date(nullif(raw, ''), '%d.%m.%Y')", columns)
    number = compiler.compile("1 / (length(raw) - 3)", columns)
    engine.run("create or replace table raws as select unnest(['17.05.2030', '', null, '31.02.2030', 'abc']) as raw")
    rows = engine.rows(
        f"select raw, {attempt(date.sql)} is null, ({attempt(date.sql)}).v::varchar, {attempt(number.sql)} is null from raws"
    )
    assert rows == [
        ("17.05.2030", False, "2030-05-17", False),
        ("", False, None, False),
        (None, False, None, False),
        ("31.02.2030", True, None, False),
        ("abc", True, None, True),
    ]


def test_results_out_of_range_are_errors_of_their_row(compiler, engine):
    columns = {"flags": Column(V.INTEGER)}
    for text in (
        "add_years(date '2030-01-01', flags)",
        "from_filetime(flags * 100000)",
        "flags * flags",
        "flags / 0",
    ):
        expression = compiler.compile(text, columns)
        assert engine.value(f"select {attempt(expression.sql)} is null from (select 92233720368547 as flags)") is True


def test_the_first_failures_of_each_expression_are_told_in_words(compiler, engine):
    columns = {"raw": Column(V.TEXT)}
    engine.run(
        "create or replace table raw_rows as select i as id, if(i % 10 = 0, 'bad' || i, i::varchar) as raw from range(100) r(i)"
    )
    good = compiler.compile("upper(raw)", columns).sql
    bad = compiler.compile("cast(raw as integer)", columns).sql
    failures = first_errors(engine, "raw_rows", "id", {"name": good, "number": bad}, 3)
    assert [failure.name for failure in failures] == ["number"] * 3
    for failure in failures:
        assert f"'bad{failure.key}'" in failure.message
        assert "\n" not in failure.message


ATTACKS = [
    "select * from read_text('/etc/passwd')", "select * from read_csv('/etc/passwd')", "select * from '/etc/passwd.csv'",
    "select content from read_blob('/etc/hostname')", "select * from glob('/*')", "select * from sniff_csv('/etc/passwd')",
    "copy (select 1) to '/tmp/accord-x.csv'", "export database '/tmp/accord-e'", "attach '/tmp/accord-x.db'",
    "install httpfs", "load httpfs", "select getenv('HOME')", "create secret s (type s3)", "select * from leak",
    "set enable_external_access=true", "reset lock_configuration", "set memory_limit='100GB'", "set threads=64",
    "set file_search_path='/'", "set home_directory='/'", "set python_enable_replacements=true",
]  # fmt: skip


@pytest.mark.parametrize("sql", ATTACKS)
def test_the_engine_itself_is_locked_should_the_gate_have_a_hole(sql):
    leak = {"x": [1]}  # noqa: F841 - a table name must not reach Python's variables
    with Engine(threads=1) as own, pytest.raises(Exception, match=r"(?i)error"):
        own.rows(sql)


def test_the_text_never_reaches_the_statement(compiler):
    expression = compiler.compile("title /* ' */ || -- \"\n 'it''s'", COLUMNS)
    assert expression.sql == "(title || 'it''s')"
