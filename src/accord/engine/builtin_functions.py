"""The functions of the engine itself that expressions may call: pure, bounded, one row at a time."""

from accord.engine.catalogue import Function as Fn
from accord.engine.catalogue import Group

TEXT = Group(
    "Text",
    (
        Fn("lower", "lower(text)", "lower case", "lower('ANN')", "ann"),
        Fn("upper", "upper(text)", "upper case", "upper('ann')", "ANN"),
        Fn("trim", "trim(text[, characters])", "cuts spaces, or the characters, off both ends",
          "trim('  ann ')", "ann"),
        Fn("ltrim", "ltrim(text[, characters])", "cuts off the left end", "ltrim('007', '0')", "7"),
        Fn("rtrim", "rtrim(text[, characters])", "cuts off the right end", "rtrim('ann..', '.')", "ann"),
        Fn("length", "length(text or list)", "number of characters or values", "length('Zoë')", "3"),
        Fn("len", "len(text or list)", "the same as length", "len(['a', 'b'])", "2"),
        Fn("left", "left(text, n)", "the first n characters", "left('Miller', 3)", "Mil"),
        Fn("right", "right(text, n)", "the last n characters", "right('Miller', 2)", "er"),
        Fn("substring", "substring(text, start[, n])", "n characters from position start, counted from 1",
          "substring('Miller', 2, 3)", "ill"),
        Fn("substr", "substr(text, start[, n])", "the same as substring", "substr('Miller', 4)", "ler"),
        Fn("replace", "replace(text, from, to)", "replaces every occurrence", "replace('a-b-c', '-', '')", "abc"),
        Fn("translate", "translate(text, from, to)", "replaces character by character",
          "translate('2b', '2b', 'to')", "to"),
        Fn("reverse", "reverse(text)", "the characters backwards", "reverse('abc')", "cba"),
        Fn("concat", "concat(text, ...)", "joins texts, leaving nulls out (|| gives null if any is null)",
          "concat('a', null, 'b')", "ab"),
        Fn("concat_ws", "concat_ws(separator, text, ...)", "joins texts with a separator, leaving nulls out",
          "concat_ws(' ', 'Ann', null, 'Lee')", "Ann Lee"),
        Fn("split_part", "split_part(text, separator, n)", "the n-th part, counted from 1",
          "split_part('ann@corp.example', '@', 2)", "corp.example"),
        Fn("lpad", "lpad(text, n, filler)", "fills on the left up to n characters (a number up to 1024)",
          "lpad('42', 6, '0')", "000042"),
        Fn("rpad", "rpad(text, n, filler)", "fills on the right up to n characters (a number up to 1024)",
          "rpad('ab', 4, '.')", "ab.."),
        Fn("starts_with", "starts_with(text, start)", "true when the text begins so",
          "starts_with('svc-backup', 'svc-')", "true"),
        Fn("ends_with", "ends_with(text, end)", "true when the text ends so", "ends_with('a.txt', '.txt')", "true"),
        Fn("contains", "contains(text or list, part)", "true when the part is in the text, the value in the list",
          "contains('Senior Engineer', 'Eng')", "true"),
        Fn("position", "position(part in text)", "where the part begins, 0 when nowhere",
          "position('@' in 'ann@corp')", "4"),
        Fn("strpos", "strpos(text, part)", "where the part begins, 0 when nowhere", "strpos('abc', 'c')", "3"),
        Fn("instr", "instr(text, part)", "the same as strpos", "instr('abc', 'x')", "0"),
        Fn("strip_accents", "strip_accents(text)", "removes accents only; see translit",
          "strip_accents('Müller Øé')", "Muller Øe"),
        Fn("nfc_normalize", "nfc_normalize(text)", "composes Unicode characters", "nfc_normalize('é')", "é"),
        Fn("md5", "md5(text)", "MD5 digest in hexadecimal", "md5('a')", "0cc175b9c0f1b6a831c399e269772661"),
        Fn("sha256", "sha256(text)", "SHA-256 digest in hexadecimal", "left(sha256('a'), 8)", "ca978112"),
    ),
)  # fmt: skip

PATTERNS = Group(
    "Regular expressions (RE2)",
    (
        Fn("regexp_matches", "regexp_matches(text, pattern[, options])",
          "true when the pattern occurs; options: i ignores case",
          "regexp_matches('E-1042', '^e-[0-9]+$', 'i')", "true"),
        Fn("regexp_full_match", "regexp_full_match(text, pattern)", "true when the whole text matches",
          "regexp_full_match('1042', '[0-9]{4}')", "true"),
        Fn("regexp_extract", "regexp_extract(text, pattern[, group])",
          "what matches the pattern or its group; the empty text when nothing does",
          "regexp_extract('OU=Sales,DC=x', 'OU=([^,]+)', 1)", "Sales"),
        Fn("regexp_extract_all", "regexp_extract_all(text, pattern[, group])", "everything that matches",
          "regexp_extract_all('a1b22', '[0-9]+')", "['1', '22']"),
        Fn("regexp_replace", "regexp_replace(text, pattern, to[, options])",
          "replaces the first match; options: g replaces every match; \\1 is the first group",
          "regexp_replace('a b c', ' ', '', 'g')", "abc"),
        Fn("regexp_split_to_array", "regexp_split_to_array(text, pattern)", "cuts at every match",
          "regexp_split_to_array('a1b22c', '[0-9]+')", "['a', 'b', 'c']"),
    ),
)  # fmt: skip

NUMBERS = Group(
    "Numbers",
    (
        Fn("abs", "abs(number)", "without its sign", "abs(-3)", "3"),
        Fn("round", "round(number[, digits])", "rounded", "round(2.345, 2)", "2.35"),
        Fn("floor", "floor(number)", "the next whole number below", "floor(2.7)", "2"),
        Fn("ceil", "ceil(number)", "the next whole number above", "ceil(2.1)", "3"),
        Fn("trunc", "trunc(number)", "without its fraction", "trunc(-2.7)", "-2"),
        Fn("mod", "mod(a, b)", "remainder of a division", "mod(17, 5)", "2"),
        Fn("greatest", "greatest(value, ...)", "the greatest value, leaving nulls out", "greatest(3, 7)", "7"),
        Fn("least", "least(value, ...)", "the least value, leaving nulls out", "least(3, 7)", "3"),
    ),
)

LISTS = Group(
    "Lists",
    (
        Fn("list_value", "[value, ...]", "a list of values", "['a', 'b']", "['a', 'b']"),
        Fn("list_contains", "list_contains(list, value)", "true when the value is in the list; see contains_value",
          "list_contains(['a', 'b'], 'b')", "true"),
        Fn("list_position", "list_position(list, value)", "where the value stands, null when nowhere",
          "list_position(['a', 'b'], 'b')", "2"),
        Fn("list_has_any", "list_has_any(list, list)", "true when they share a value",
          "list_has_any(['a', 'b'], ['b', 'c'])", "true"),
        Fn("list_has_all", "list_has_all(list, list)", "true when the first has every value of the second",
          "list_has_all(['a', 'b'], ['b'])", "true"),
        Fn("list_concat", "list_concat(list, list)", "both lists as one", "list_concat(['a'], ['b'])", "['a', 'b']"),
        Fn("list_distinct", "list_distinct(list)", "every value once, nulls left out",
          "list_sort(list_distinct(['b', 'a', 'b']))", "['a', 'b']"),
        Fn("list_sort", "list_sort(list)", "in order", "list_sort([3, 1])[1]", "1"),
        Fn("list_reverse_sort", "list_reverse_sort(list)", "in descending order", "list_reverse_sort([1, 3])[1]", "3"),
        Fn("list_reverse", "list_reverse(list)", "backwards", "list_reverse(['a', 'b'])[1]", "b"),
        Fn("list_min", "list_min(list)", "the least value", "list_min(['b', 'a'])", "a"),
        Fn("list_max", "list_max(list)", "the greatest value", "list_max(['b', 'a'])", "b"),
        Fn("list_filter", "list_filter(list, lambda x: condition)", "the values for which the condition is true",
          "list_filter(['SMTP:a', 'x'], lambda v: v like 'SMTP:%')", "['SMTP:a']"),
        Fn("list_transform", "list_transform(list, lambda x: expression)",
          "every value turned into another; also written [expression for x in list]",
          "list_transform(['A', 'B'], lambda v: lower(v))", "['a', 'b']"),
        Fn("list_apply", "list_apply(list, lambda x: expression)", "the same as list_transform",
          "[lower(v) for v in ['A', 'B', 'C'] if v <> 'B']", "['a', 'c']"),
        Fn("list_extract", "list[n]", "the n-th value, from 1; -1 is the last; null when there is none",
          "list_extract(['a', 'b'], 2)", "b"),
        Fn("list_slice", "list[a:b]", "the values from a to b", "list_slice(['a', 'b', 'c'], 2, 3)", "['b', 'c']"),
        Fn("array_to_string", "array_to_string(list, separator)", "the values as one text; see join",
          "array_to_string(['a', 'b'], ', ')", "a, b"),
    ),
)  # fmt: skip

CHOICE = Group(
    "Choice and null",
    (
        Fn("coalesce", "coalesce(value, ...)", "the first value that is not null", "coalesce(null, 'b')", "b"),
        Fn("ifnull", "ifnull(value, other)", "the other value when the first is null", "ifnull(null, 'b')", "b"),
        Fn("nullif", "nullif(value, other)", "null when both are equal", "nullif('n/a', 'n/a')", "null",
          # The engine's own would compute the value twice.
          '(x, y) as list_filter([x], lambda "·nullif": "·nullif" is distinct from y)[1]'),
        Fn("if", "if(condition, value, other)", "one of two values; case has more than two",
          "if(2 > 1, 'yes', 'no')", "yes"),
    ),
)  # fmt: skip

BINARY = Group(
    "Binary",
    (
        Fn("encode", "encode(text)", "the bytes of a text (UTF-8)", "encode('Zoë')", "Wm/Dqw=="),
        Fn("decode", "decode(binary)", "the text in bytes (UTF-8)", "decode(from_base64('Wm/Dqw=='))", "Zoë"),
        Fn("to_base64", "to_base64(binary)", "bytes as base64", "to_base64(encode('a'))", "YQ=="),
        Fn("from_base64", "from_base64(text)", "base64 as bytes", "decode(from_base64('YQ=='))", "a"),
        Fn("hex", "hex(text or binary)", "bytes in hexadecimal", "hex(encode('az'))", "617A"),
        Fn("unhex", "unhex(text)", "hexadecimal as bytes", "decode(unhex('617A'))", "az"),
    ),
)

CALENDAR = Group(
    "Parts of dates",
    (
        Fn("date_part", "date_part('year', date)", "one part as a number; also extract(year from date)",
          "extract(year from date '2030-05-17')", "2030"),
        Fn("date_trunc", "date_trunc('month', date)", "the beginning of the month, year, day ...",
          "cast(date_trunc('month', date '2030-05-17') as date)", "2030-05-01"),
        Fn("date_diff", "date_diff('year', from, to)", "how many boundaries of the part lie between",
          "date_diff('month', date '2030-01-31', date '2030-02-01')", "1"),
        Fn("last_day", "last_day(date)", "the last day of the month", "last_day(date '2030-02-03')", "2030-02-28"),
        Fn("make_date", "make_date(year, month, day)", "a date of its parts", "make_date(2030, 5, 17)", "2030-05-17"),
        Fn("to_years", "to_years(n)", "an interval, to be added to a date; also interval 1 year",
          "date '2028-02-29' + to_years(1)", "2029-02-28T00:00:00Z"),
        Fn("to_months", "to_months(n)", "an interval of months", "date '2030-01-31' + to_months(1)",
          "2030-02-28T00:00:00Z"),
        Fn("to_weeks", "to_weeks(n)", "an interval of weeks", "date '2030-05-17' + to_weeks(1)",
          "2030-05-24T00:00:00Z"),
        Fn("to_days", "to_days(n)", "an interval of days", "date '2030-05-17' + interval 3 day",
          "2030-05-20T00:00:00Z"),
        Fn("to_hours", "to_hours(n)", "an interval of hours", "timestamp '2030-05-17 08:00:00' + to_hours(2)",
          "2030-05-17T10:00:00Z"),
        Fn("to_minutes", "to_minutes(n)", "an interval of minutes",
          "timestamp '2030-05-17 08:00:00' + to_minutes(2)", "2030-05-17T08:02:00Z"),
        Fn("to_seconds", "to_seconds(n)", "an interval of seconds",
          "timestamp '2030-05-17 08:00:00' + to_seconds(2)", "2030-05-17T08:00:02Z"),
    ),
)  # fmt: skip

GROUPS = (TEXT, PATTERNS, NUMBERS, LISTS, CHOICE, BINARY, CALENDAR)
