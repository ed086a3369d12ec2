"""Letters of other alphabets as ASCII: tables and the SQL that applies them.

Cyrillic follows ICAO Doc 9303 (passports), Greek ISO 843. One letter may give several: a capital gives Zh, not ZH.
"""

# ruff: noqa: RUF001, RUF003 - letters that look like Latin ones are what this is about

from accord.engine.frames import literal

# After strip_accents: й, ё, ї, ў, ѓ and ќ have become и, е, і, у, г and к, as the standard has them.
_CYRILLIC = (
    "а=a б=b в=v г=g ґ=g д=d е=e з=z и=i і=i ј=j к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ф=f ы=y э=e ђ=d "
    "ћ=c ь= ж=zh х=kh ц=ts ч=ch ш=sh щ=shch ъ=ie ю=iu я=ia є=ie љ=lj њ=nj џ=dz ѕ=dz"
)
_GREEK = (
    "ου=ou γγ=ng γξ=nx γχ=nch α=a β=v γ=g δ=d ε=e ζ=z η=i ι=i κ=k λ=l μ=m ν=n ξ=x ο=o π=p ρ=r σ=s ς=s τ=t "
    "υ=y φ=f ω=o θ=th χ=ch ψ=ps"
)
_LATIN = "ł=l đ=d ð=d ø=o ħ=h ŧ=t ŋ=n ı=i ſ=s ß=ss ẞ=SS æ=ae œ=oe þ=th ĳ=ij"
_QUOTES = ("’‘ʼ“”„–—‐\u00a0", "'''\"\"\"--- ")
_GREEK_VOICED = "βγδζλμνραεηιουωΒΓΔΖΛΜΝΡΑΕΗΙΟΥΩ"
_UMLAUTS = "ä=ae ö=oe ü=ue Ä=Ae Ö=Oe Ü=Ue"


def latin(sql: str) -> str:
    """Return SQL that gives ASCII for letters of the Latin script that are no accented ASCII letters."""
    source, target = _QUOTES
    return f"translate({_replaced(sql, _with_capitals(_LATIN))}, {literal(source)}, {literal(target)})"


def greek(sql: str) -> str:
    """Return SQL that gives ASCII for Greek letters."""
    # αυ, ευ and ηυ end in v before a voiced letter, in f elsewhere.
    voiced = rf"regexp_replace({sql}, '([αεηΑΕΗ])[υΥ]([{_GREEK_VOICED}])', '\1v\2', 'g')"
    return _replaced(
        rf"regexp_replace({voiced}, '([αεηΑΕΗ])[υΥ]', '\1f', 'g')",
        _with_capitals(_GREEK),
    )


def cyrillic(sql: str) -> str:
    """Return SQL that gives ASCII for Cyrillic letters."""
    return _replaced(sql, _with_capitals(_CYRILLIC))


def german(sql: str) -> str:
    """Return SQL that writes umlauts as ae, oe, ue (AE beside capitals)."""
    for umlaut, plain in (("Ä", "AE"), ("Ö", "OE"), ("Ü", "UE")):
        sql = rf"regexp_replace({sql}, '{umlaut}(\p{{Lu}})', '{plain}\1', 'g')"
        sql = rf"regexp_replace({sql}, '(\p{{Lu}}){umlaut}', '\1{plain}', 'g')"
    return _replaced(sql, _pairs(_UMLAUTS))


def german_lower(sql: str) -> str:
    """Return SQL that writes small umlauts as ae, oe, ue."""
    return _replaced(sql, [pair for pair in _pairs(_UMLAUTS) if pair[0].islower()])


def _pairs(table: str) -> list[tuple[str, str]]:
    return [(source, target) for source, _, target in (entry.partition("=") for entry in table.split())]


def _with_capitals(table: str) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for source, target in _pairs(table):
        pairs.append((source, target))
        pairs.extend(
            (capital, target.capitalize())
            for capital in (source.upper(), source.capitalize())
            if capital != source and len(capital) == len(source) and not capital.isascii()
        )
    return list(dict.fromkeys(pairs))


def _replaced(sql: str, pairs: list[tuple[str, str]]) -> str:
    """Return SQL replacing all pairs: longer ones one by one, single letters in one pass at the end."""
    singles = [(source, target) for source, target in pairs if len(source) == 1 and len(target) == 1]
    dropped = [source for source, target in pairs if not target]
    for source, target in pairs:
        if len(source) > 1 or len(target) > 1:
            sql = f"replace({sql}, {literal(source)}, {literal(target)})"
    if not singles and not dropped:
        return sql
    letters = "".join(source for source, _ in singles) + "".join(dropped)
    return f"translate({sql}, {literal(letters)}, {literal(''.join(target for _, target in singles))})"
