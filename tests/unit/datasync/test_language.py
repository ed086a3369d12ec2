"""Transforms, source queries and the GroupID query language as what they become."""

import pytest

from accord.datasync.filters import parse_filter, to_condition, to_ldap
from accord.datasync.providers import provider_from
from accord.datasync.selecting import parse_selection
from accord.datasync.transforms import parse_transform, to_expression
from accord.engine.frames import Engine
from accord.model.errors import Invalid

VARIABLES = {"NOW": "'2030-05-17'"}


@pytest.mark.parametrize(
    ("text", "ldap"),
    [
        ('objectClass is exactly "user"', "(objectClass=user)"),
        ('cn Is Not "a"', "(!(cn=a))"),
        ('cn Contains "a*(b)"', r"(cn=*a\2a\28b\29*)"),
        ('cn Not Contain "a"', "(!(cn=*a*))"),
        ('cn Starts With "a"', "(cn=a*)"),
        ('cn Does Not Start With "a"', "(!(cn=a*))"),
        ('cn Ends With "a"', "(cn=*a)"),
        ('cn Does Not End With "a"', "(!(cn=*a))"),
        ("mail Present", "(mail=*)"),
        ("mail Not Present", "(!(mail=*))"),
        ('n Greater Or Equal "3"', "(n>=3)"),
        ('n Less Or Equal "3"', "(n<=3)"),
        ('uac All Flags On "514"', "(uac:1.2.840.113556.1.4.803:=514)"),
        ('uac All Flags Off "2"', "(!(uac:1.2.840.113556.1.4.804:=2))"),
        ('uac Any Flag On "2"', "(uac:1.2.840.113556.1.4.804:=2)"),
        ('uac Any Flag Off "2"', "(!(uac:1.2.840.113556.1.4.803:=2))"),
        ('memberOf Chain Match "CN=x,DC=y"', "(memberOf:1.2.840.113556.1.4.1941:=CN=x,DC=y)"),
        ('(department Contains "engineering")', "(department=*engineering*)"),
        ('(department Contains "engineering"', "(department=*engineering*)"),
        ('a is exactly "1" OR b is exactly "2" and not c present', "(|(a=1)(&(b=2)(!(c=*))))"),
        ('(a is exactly "1" or b is exactly "2") AND c present', "(&(|(a=1)(b=2))(c=*))"),
    ],
)
def test_every_operator_has_its_ldap_form(text: str, ldap: str) -> None:
    assert to_ldap(parse_filter(text, "query")) == ldap


@pytest.mark.parametrize(
    "text", ["cn", 'cn resembles "a"', 'cn is exactly "a', 'uac all flags on "x"', 'cn present "a"', "c)(n present"]
)
def test_what_is_no_filter_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        parse_filter(text, "query")


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ('name is exactly "ANN"', [1]),
        ('name is not "ann"', [2, 3]),
        ('name contains "o"', [2]),
        ('name not contain "o"', [1, 3]),
        ('name starts with "b"', [2]),
        ('name does not start with "b"', [1, 3]),
        ('name ends with "N"', [1]),
        ('name does not end with "n"', [2, 3]),
        ("name present", [1, 2]),
        ("name not present", [3]),
        ('flags greater or equal "10"', [2]),
        ('flags less or equal "9"', [1]),
        ('flags all flags on "3"', [1]),
        ('flags all flags off "3"', [2, 3]),
        ('flags any flag on "16"', [2]),
        ('flags any flag off "3"', [2, 3]),
    ],
)
def test_every_operator_selects_rows_of_a_table(text: str, rows: list[int]) -> None:
    condition = to_condition(parse_filter(text, "query"), ("Name", "Flags"), "query")
    table = "(values (1, 'Ann', '3'), (2, 'Bob', '16'), (3, null, null)) t(id, \"Name\", \"Flags\")"
    with Engine(threads=1) as engine:
        assert [row[0] for row in engine.rows(f"select id from {table} where {condition} order by id")] == rows


@pytest.mark.parametrize(
    ("text", "first", "last", "expected"),
    [
        ("", "Ann", "Lee", "Ann"),
        ("Static:value=a;b=c %NOW% %HOME%", "Ann", "Lee", "a;b=c 2030-05-17 %HOME%"),
        ("Join:field=First;separator=_api_;field=Last", "Ann", "Lee", "Ann_api_Lee"),
        ("Join:field=First;separator=;;field=Last", "Ann", "Lee", "Ann;Lee"),
        ("Join:field=First;separator=;field=Last", "Ann", "Lee", "AnnLee"),
        ("Join:field=First;separator= ;field=Last", "Ann", None, "Ann "),
        ("Join:field=First;separator= ;field=Last", None, None, None),
        ("Left:field=Last;length=2", "Ann", "Lee", "Le"),
        ("Left:count=2", "Ann", "Lee", "An"),
        ("Substring:field=First;startat=1;length=2", "+92-42-5", "Lee", "92"),
    ],
)
def test_transforms_are_expressions(text: str, first: str | None, last: str | None, expected: str | None) -> None:
    expression = to_expression(parse_transform(text, "First", "t"), VARIABLES, needs_all=False)
    with Engine(threads=1) as engine:
        sql = f'select {expression} from (select ?::varchar as "First", ?::varchar as "Last")'
        assert engine.value(sql, [first, last]) == expected


def test_a_key_needs_all_its_fields() -> None:
    transform = parse_transform("Join:field=First;separator=_;field=Last", "", "t")
    assert to_expression(transform, {}, needs_all=True) == '"First" || \'_\' || "Last"'


@pytest.mark.parametrize("text", ["Shout:field=x", "Join:separator=x", "Left:field=x", "Static", "Resolve:field=x"])
def test_what_is_no_transform_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        parse_transform(text, "", "fieldsMap[0].transform")


def test_a_source_query_is_cut_into_its_clauses() -> None:
    found = parse_selection(
        "SELECT TOP 5 [First Name], upper(Last) AS Name FROM [My Sheet$] "
        "WHERE [Is Staff] = 'from, where' ORDER BY Last desc",
        "q",
    )
    assert found.table == "My Sheet$"
    assert found.columns == (("First Name", '"First Name"'), ("Name", "upper(Last)"))
    assert found.where == "\"Is Staff\" = 'from, where'"
    assert (found.order, found.most) == ((("Last", True),), 5)


@pytest.mark.parametrize(
    "text",
    [
        "DELETE FROM [Sheet$]",
        "SELECT * FROM [A$], [B$]",
        "SELECT * FROM [A$] WHERE x IN (SELECT y FROM [B$])",
        "SELECT * FROM [A$]; DROP TABLE x",
        "SELECT * FROM [A$] UNION SELECT * FROM [B$]",
        "SELECT * FROM read_csv('/etc/passwd')",
    ],
)
def test_a_source_query_reads_one_table_and_nothing_else(text: str) -> None:
    with pytest.raises(Invalid):
        parse_selection(text, "q")


def test_databases_that_are_not_spoken_to_are_refused_with_a_way_out() -> None:
    values = {"ConnectionString": "dbase://host/db"}
    with pytest.raises(Invalid) as refused:
        provider_from({"name": "x", "providerTypeName": "SQL Server", "configurationValues": values})
    assert "postgresql" in str(refused.value)
