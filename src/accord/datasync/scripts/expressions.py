"""Expressions of Visual Basic, by the strength of their operators."""

import re

from accord.datasync.scripts.syntax import Binary, Call, Expression, Literal, Member, Name, Unary

_TOKEN = re.compile(
    r'\s*(?:(?P<text>"(?:[^"]|"")*"c?)|(?P<number>\d+(?:\.\d+)?)|(?P<word>[A-Za-z_]\w*)|(?P<sign><>|<=|>=|[-+*/&=<>(),.]))'
)
_LEVELS = (("or", "orelse"), ("and", "andalso"), ("=", "<>", "<", ">", "<=", ">="), ("&",), ("+", "-"),
           ("*", "/", "mod"))  # fmt: skip
_CONSTANTS = {"true": True, "false": False, "nothing": None}
_DEEPEST = 40


class ScriptRefused(Exception):
    """A script holds what we do not run; `line` counts from 1."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(f"line {line}: {message}")
        self.message = message
        self.line = line


def parse_expression(text: str, line: int) -> Expression:
    """Return the expression in a text; raise ScriptRefused."""
    parser = _Expressions(text, line)
    found = parser.level(0)
    parser.expect_end()
    return found


def parse_arguments(text: str, line: int) -> tuple[Expression, ...]:
    """Return the expressions between commas; raise ScriptRefused."""
    parser = _Expressions(text, line)
    found = [parser.level(0)]
    while parser.took(","):
        found.append(parser.level(0))
    parser.expect_end()
    return tuple(found)


class _Expressions:
    def __init__(self, text: str, line: int) -> None:
        self._line = line
        self._tokens: list[tuple[str, str]] = []
        self._next = 0
        self._depth = 0
        position = 0
        while text[position:].strip():
            found = _TOKEN.match(text, position)
            if found is None:
                raise ScriptRefused(f"not understood: {text[position:].strip()[:40]}", line)
            kind = str(found.lastgroup)
            self._tokens.append((kind, found.group(kind)))
            position = found.end()

    def level(self, number: int) -> Expression:
        """Return an expression of operators that bind no weaker than those of a level."""
        if number == len(_LEVELS):
            return self._unary()
        self._depth += 1
        if self._depth > _DEEPEST * len(_LEVELS):
            raise ScriptRefused("the expression is nested too deeply", self._line)
        if number == 2 and self.took("not"):
            left: Expression = Unary("not", self.level(number))
        else:
            left = self.level(number + 1)
        while (operator := self._peek()) in _LEVELS[number]:
            self._next += 1
            left = Binary(operator, left, self.level(number + 1))
        self._depth -= 1
        return left

    def expect_end(self) -> None:
        if self._next < len(self._tokens):
            raise ScriptRefused(f"not understood from {self._tokens[self._next][1]} on", self._line)

    def took(self, text: str) -> bool:
        """Pass over a word or sign if it comes next."""
        if self._peek() == text:
            self._next += 1
            return True
        return False

    def _unary(self) -> Expression:
        if self.took("-"):
            return Unary("-", self._unary())
        return self._postfix(self._primary())

    def _primary(self) -> Expression:
        if self._next >= len(self._tokens):
            raise ScriptRefused("a value is missing", self._line)
        kind, text = self._tokens[self._next]
        self._next += 1
        if kind == "text":
            return Literal(text.removesuffix("c")[1:-1].replace('""', '"'))
        if kind == "number":
            return Literal(float(text) if "." in text else int(text))
        if text == "(":
            inner = self.level(0)
            self._expect(")")
            return inner
        if kind == "sign":
            raise ScriptRefused(f"a value is wanted, not {text}", self._line)
        folded = text.casefold()
        return Literal(_CONSTANTS[folded]) if folded in _CONSTANTS else Name(folded)

    def _postfix(self, value: Expression) -> Expression:
        while True:
            if self.took("."):
                if self._next >= len(self._tokens) or self._tokens[self._next][0] != "word":
                    raise ScriptRefused("a member is missing after the point", self._line)
                value = Member(value, self._tokens[self._next][1].casefold())
                self._next += 1
            elif self.took("("):
                arguments = []
                while not self.took(")"):
                    arguments.append(self.level(0))
                    if not self.took(",") and self._peek() != ")":
                        raise ScriptRefused("a ) is missing", self._line)
                value = Call(value, tuple(arguments))
            else:
                return value

    def _expect(self, text: str) -> None:
        if not self.took(text):
            raise ScriptRefused(f"a {text} is missing", self._line)

    def _peek(self) -> str:
        if self._next >= len(self._tokens) or self._tokens[self._next][0] == "text":
            return ""
        return self._tokens[self._next][1].casefold()
