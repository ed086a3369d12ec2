"""Pages from templates: one environment, filters for times, numbers and values, and what every page knows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from urllib.parse import quote, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from accord.operations.paces import pace_of
from accord.portal.clock_words import said

ASSETS = files("accord.portal") / "assets"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One entry of the navigation."""

    name: str
    title: str
    path: str
    key: str


PLACES = (
    Place(name="home", title="Home", path="/", key="h"),
    Place(name="plans", title="Plans", path="/plans", key="p"),
    Place(name="runs", title="Runs", path="/runs", key="r"),
    Place(name="identities", title="Identities", path="/identities", key="i"),
    Place(name="systems", title="Systems", path="/systems", key="s"),
    Place(name="rules", title="Rules", path="/rules", key="u"),
    Place(name="jobs", title="Jobs and schedules", path="/jobs", key="j"),
    Place(name="governance", title="Governance", path="/governance", key="g"),
    Place(name="datasync", title="DataSync jobs", path="/datasync", key="d"),
    Place(name="administration", title="Administration", path="/administration", key="a"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The same thing as a page shows, said to the API, in PowerShell and on the command line; empty: not there."""

    api: str = ""
    powershell: str = ""
    command: str = ""


def page(  # noqa: PLR0913 - what every page has
    request: Request,
    template: str,
    *,
    place: str,
    title: str,
    said: Said | None = None,
    code: int = 200,
    **values: object,
) -> HTMLResponse:
    """Return a whole page."""
    state = request.state
    text = _environment.get_template(template).render(
        place=place,
        places=PLACES,
        title=title,
        said=said,
        caller=getattr(state, "caller", None),
        csrf=getattr(state, "csrf", ""),
        theme=theme_of(request),
        path=request.url.path,
        **values,
    )
    return HTMLResponse(text, status_code=code)


def part(request: Request, template: str, **values: object) -> HTMLResponse:
    """Return a piece of a page, to be put into one that is shown."""
    return HTMLResponse(render_part(template, csrf=getattr(request.state, "csrf", ""), **values))


def render_part(template: str, **values: object) -> str:
    """Return a piece of a page as text, for a stream of events."""
    return _environment.get_template(template).render(**values)


def theme_of(request: Request) -> str:
    """Return the mode the reader chose: light, dark or, when none was chosen, that of the machine."""
    theme = request.cookies.get("accord-theme", "auto")
    return theme if theme in ("light", "dark") else "auto"


def is_part_wanted(request: Request) -> bool:
    """Tell whether the page asks for a piece of itself rather than a reader for a page."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"


def link(path: str, **query: object) -> str:
    """Return a permalink; what is empty is left out."""
    given = [(name, str(value)) for name, value in query.items() if value not in ("", None, False, 0)]
    return f"{path}?{urlencode(given)}" if given else path


def show_time(text: str | None, style: str = "time") -> Markup:
    """Return a time as an element that the browser shows in local time; UTC where there is no script."""
    if not text:
        return Markup('<span class="quiet">-</span>')
    moment = datetime.fromisoformat(text).astimezone(UTC)
    shown = moment.strftime("%Y-%m-%d %H:%M:%S UTC")
    return Markup('<time datetime="{}" data-format="{}">{}</time>').format(
        moment.strftime("%Y-%m-%dT%H:%M:%SZ"), style, shown
    )


def show_span(seconds: float | None) -> str:
    """Return a length of time in the two greatest units that matter."""
    if seconds is None:
        return "-"
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    for size, name, below, small in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= size:
            rest = whole % size // below
            return f"{whole // size} {name} {rest} {small}" if rest else f"{whole // size} {name}"
    return f"{whole} s"


def show_number(number: float | None) -> str:
    """Return a number with its thousands apart."""
    return "-" if number is None else f"{number:,}".replace(",", "\u202f")


def show_values(values: Sequence[str]) -> Markup:
    """Return one or several values; nothing at all is said as such."""
    if not values:
        return Markup('<span class="quiet">none</span>')
    return Markup('<span class="quiet">; </span>').join(escape(v) for v in values)


_SHORT = {text.lower(): text for text in ("URL", "TLS", "CA", "DN", "SQL", "ID", "LDAP", "LDAPS", "SCIM", "CSV")}
_SAID = {"sync": "synchronisation", "datasync": "DataSync job", "never_run": "never run"}


def _words(text: str) -> str:
    return _SAID.get(text) or (text if text.isupper() else text.replace("_", " "))


def _label(name: str) -> str:
    """Return the name of a setting as people write it: `Ca File` becomes `CA file`."""
    first, *rest = (_SHORT.get(word.lower(), word) for word in name.split())
    return " ".join([first, *(word if word.lower() in _SHORT or not word.istitle() else word.lower() for word in rest)])


def _percent(part_: float, whole: float) -> str:
    return f"{100 * part_ / whole:.1f} %" if whole else "-"


def _filters() -> Mapping[str, object]:
    return {
        "time": show_time, "span": show_span, "number": show_number, "values": show_values, "words": _words,
        "label": _label, "clock": said,
        "percent": _percent, "path": lambda text: quote(str(text), safe=""),
        "pace": lambda phase, is_running: pace_of(phase, is_running=is_running),
    }  # fmt: skip


_environment = Environment(
    loader=PackageLoader("accord.portal", "templates"),
    autoescape=select_autoescape(default=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.filters.update(_filters())
_environment.globals["link"] = link
