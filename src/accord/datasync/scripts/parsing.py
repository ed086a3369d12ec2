"""Visual Basic as statements; anything outside the small part that we run is refused with its line."""

import re

from accord.datasync.scripts.expressions import ScriptRefused, parse_arguments, parse_expression
from accord.datasync.scripts.syntax import (
    QUERY,
    STAGED,
    Assign,
    Binary,
    Call,
    Do,
    Expression,
    ForEach,
    If,
    Literal,
    Name,
    Select,
    Statement,
    While,
)

_DEEPEST = 40


def parse(code: str) -> tuple[Statement, ...]:
    """Return the statements of a script; raise ScriptRefused."""
    parser = _Blocks(_lines(code))
    body = parser.block(())
    parser.expect_end()
    return body


def _lines(code: str) -> list[tuple[int, str]]:
    """Return the lines that say something, continued ones as one, each with its number."""
    found: list[tuple[int, str]] = []
    begun = ""
    start = 0
    for number, raw in enumerate(code.splitlines(), 1):
        line = _without_comment(raw).rstrip()
        start = number if not begun else start
        if line.endswith(" _"):
            begun += line[:-1]
            continue
        whole = (begun + line).strip()
        begun = ""
        if whole:
            found.append((start, whole))
    return found


def _without_comment(line: str) -> str:
    is_quoted = False
    for position, character in enumerate(line):
        if character == '"':
            is_quoted = not is_quoted
        elif character == "'" and not is_quoted:
            return line[:position]
    return line


class _Blocks:
    def __init__(self, lines: list[tuple[int, str]]) -> None:
        self._lines = lines
        self._next = 0
        self._depth = 0

    def block(self, ends: tuple[str, ...]) -> tuple[Statement, ...]:
        """Return the statements up to a line that begins with one of `ends`, which is left."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ScriptRefused("the script is nested too deeply", self._line_number())
        found: list[Statement] = []
        while self._next < len(self._lines) and not self._begins(*ends):
            found += self._statement()
        self._depth -= 1
        return tuple(found)

    def expect_end(self) -> None:
        if self._next < len(self._lines):
            number, line = self._lines[self._next]
            raise ScriptRefused(f"not understood: {line}", number)

    def _statement(self) -> list[Statement]:
        number, line = self._take()
        words = line.casefold().split()
        match words[0]:
            case "dim":
                return self._dim(number, line)
            case "if":
                return [self._if(number, line)]
            case "select":
                return [self._select(number, line)]
            case "for":
                return [self._for(number, line)]
            case "do" | "while":
                return [self._while(number, line)]
            case _:
                return [_simple(number, line)]

    def _dim(self, number: int, line: str) -> list[Statement]:
        found = re.fullmatch(r"dim\s+(\w+)(\(\))?(?:\s+as\s+([\w.]+(?:\(\))?))?(?:\s*=\s*(.+))?", line, re.IGNORECASE)
        if found is None:
            raise ScriptRefused(f"not understood: {line}", number)
        value = parse_expression(found.group(4), number) if found.group(4) else Literal(None)
        return [Assign(found.group(1).casefold(), value, number)]

    def _if(self, number: int, line: str) -> If:
        short = re.fullmatch(r"if\s+(.+?)\s+then\s+(.+?)(?:\s+else\s+(.+))?", line, re.IGNORECASE)
        if short is not None:
            condition, then, other = short.groups()
            rest = (_simple(number, other),) if other else ()
            return If(((parse_expression(condition, number), (_simple(number, then),)),), rest, number)
        branches = [(self._condition(number, line, r"if\s+(.+?)\s+then"), self.block(("else", "elseif", "end")))]
        while self._begins("elseif"):
            at, text = self._take()
            branches.append(
                (self._condition(at, text, r"elseif\s+(.+?)\s+then"), self.block(("else", "elseif", "end")))
            )
        otherwise: tuple[Statement, ...] = ()
        if self._begins("else"):
            self._take()
            otherwise = self.block(("end",))
        self._expect("end if", number)
        return If(tuple(branches), otherwise, number)

    def _select(self, number: int, line: str) -> Select:
        subject = self._condition(number, line, r"select\s+case\s+(.+)")
        cases: list[tuple[tuple[Expression, ...], tuple[Statement, ...]]] = []
        otherwise: tuple[Statement, ...] = ()
        while self._begins("case"):
            at, text = self._take()
            if re.fullmatch(r"case\s+else", text, re.IGNORECASE):
                otherwise = self.block(("case", "end"))
                continue
            values = parse_arguments(text[4:], at)
            cases.append((values, self.block(("case", "end"))))
        self._expect("end select", number)
        return Select(subject, tuple(cases), otherwise, number)

    def _for(self, number: int, line: str) -> ForEach:
        found = re.fullmatch(r"for\s+each\s+(\w+)(?:\s+as\s+\w+)?\s+in\s+(.+)", line, re.IGNORECASE)
        if found is None:
            raise ScriptRefused("only For Each loops are run", number)
        body = self.block(("next",))
        self._expect("next", number)
        return ForEach(found.group(1).casefold(), parse_expression(found.group(2), number), body, number)

    def _while(self, number: int, line: str) -> While:
        condition = self._condition(number, line, r"(?:do\s+)?while\s+(.+)")
        end = "loop" if line.casefold().startswith("do") else "end while"
        body = self.block((end.split(maxsplit=1)[0],))
        self._expect(end, number)
        return While(condition, body, number)

    def _condition(self, number: int, line: str, pattern: str) -> Expression:
        found = re.fullmatch(pattern, line, re.IGNORECASE)
        if found is None:
            raise ScriptRefused(f"not understood: {line}", number)
        return parse_expression(found.group(1), number)

    def _expect(self, text: str, opened: int) -> None:
        if not self._begins(text.split(maxsplit=1)[0]):
            raise ScriptRefused(f"there is no {text.title()} for this line", opened)
        number, line = self._take()
        if not " ".join(line.casefold().split()).startswith(text):
            raise ScriptRefused(f"{text.title()} is wanted, not {line}", number)

    def _begins(self, *words: str) -> bool:
        if self._next >= len(self._lines):
            return False
        return self._lines[self._next][1].casefold().split()[0] in words

    def _take(self) -> tuple[int, str]:
        self._next += 1
        return self._lines[self._next - 1]

    def _line_number(self) -> int:
        return self._lines[min(self._next, len(self._lines) - 1)][0]


def _simple(number: int, line: str) -> Statement:
    staged = re.fullmatch(r'args\.(?:stagingdestination\(\s*"([^"]+)"\s*\)|(query))\s*=\s*(.+)', line, re.IGNORECASE)
    if staged is not None:
        target = f"{STAGED}{staged.group(1)}" if staged.group(1) else QUERY
        return Assign(target, parse_expression(staged.group(3), number), number)
    found = re.fullmatch(r"(?:dtm\.result|(\w+))\s*(&|\+)?=\s*(.+)", line, re.IGNORECASE | re.DOTALL)
    if found is not None:
        target = (found.group(1) or "dtm.result").casefold()
        value = parse_expression(found.group(3), number)
        if found.group(2):
            value = Binary(found.group(2), Name(target), value)
        return Assign(target, value, number)
    call = parse_expression(line, number)
    if not isinstance(call, Call):
        raise ScriptRefused(f"not understood: {line}", number)
    return Do(call, number)
