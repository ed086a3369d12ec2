"""How findings and declared documents are shown, page by page in order of id."""

import base64
import binascii
from collections.abc import Mapping
from typing import Annotated

from fastapi import Body
from pydantic import Field

from accord.api.callers import Door
from accord.api.v1.jobs import PageInfo, Words
from accord.model.errors import UsageError
from accord.operations import governance
from accord.operations.governance import Declared, FindingPage


class FindingBody(Words):
    """One finding: what it is about is in `doc`; `closed_at` is empty while it holds."""

    id: str
    owner_id: int
    name: str
    state: str
    doc: Mapping[str, object]
    first_seen: str
    closed_at: str


class FindingPageBody(Words):
    """A page of findings in order of id, with how many there are in each state."""

    items: list[FindingBody]
    states: Mapping[str, int]
    page_info: PageInfo = Field(alias="pageInfo")


class DeclaredBody(Words):
    """One declared document, who kept it and when."""

    id: str
    doc: Mapping[str, object]
    changed_at: str
    changed_by: str


Doc = Annotated[dict[str, object], Body()]


def page_of(
    door: Door, kind: str, *, state: str | None = None, owner: int | None = None, search: str | None = None, first: int,
    after: str | None,
) -> FindingPageBody:  # fmt: skip
    """Return a page of the findings of a kind."""
    with door.reading() as context:
        page = governance.list_findings(
            context, kind, state=state or "", owner=owner or 0, search=search or "", after=name_at(after), limit=first
        )
        return body_of(page, governance.count_findings(context, kind))


def body_of(page: FindingPage, states: Mapping[str, int]) -> FindingPageBody:
    """Return a page as a body."""
    return FindingPageBody(
        items=[FindingBody.model_validate(found) for found in page.findings],
        states=states,
        pageInfo=PageInfo(hasNextPage=page.has_next, endCursor=_cursor(page.end_key)),
    )


def one_of(door: Door, kind: str, finding_id: str) -> FindingBody:
    """Return one finding."""
    with door.reading() as context:
        return FindingBody.model_validate(governance.read_finding(context, kind, finding_id))


def declared_of(kept: Declared) -> DeclaredBody:
    """Return a declared document as a body."""
    return DeclaredBody.model_validate(kept)


def _cursor(key: str | None) -> str | None:
    return None if key is None else base64.urlsafe_b64encode(f"id:{key}".encode()).decode("ascii").rstrip("=")


def name_at(cursor: str | None) -> str:
    """Return the id a cursor stands for; raise UsageError for one that is none of ours."""
    if cursor is None:
        return ""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("utf-8")
    except (binascii.Error, ValueError) as error:
        raise UsageError("this cursor is none of ours", remedy="send endCursor of the page before") from error
    if not text.startswith("id:"):
        raise UsageError("this cursor is none of ours", remedy="send endCursor of the page before")
    return text.removeprefix("id:")
