"""Jobs taken elsewhere and kept as patterns: exported sealed by a password, imported, duplicated, as templates."""

import base64
import json
import os
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from accord.datasync.loose import Loose, wrong
from accord.model.errors import UsageError
from accord.operations.datasync.jobs import COLLECTION, JOB, TEMPLATE, create_collection, create_job, jobs_in_order
from accord.operations.datasync.sealing import opened
from accord.runs.context import Context
from accord.store.audit import Deed

_FORMAT = "accord-datasync-1"
_FEWEST_CHARACTERS = 8


def export_job(context: Context, job: int, password: str) -> dict[str, Any]:
    """Return a job or collection, with its secrets, sealed by a password; only whoever knows it can import it."""
    if len(password) < _FEWEST_CHARACTERS:
        raise wrong("password", f"an export is sealed by a password of at least {_FEWEST_CHARACTERS} characters")
    stored = context.store.datasync.read_job(job)
    body = opened(context, stored.body)
    if stored.kind == COLLECTION:
        body["jobs"] = [opened(context, one.body) for one in jobs_in_order(context, job)]
    salt, nonce = os.urandom(16), os.urandom(12)
    content = json.dumps({"kind": stored.kind, "body": body}).encode()
    sealed = AESGCM(_key(password, salt)).encrypt(nonce, content, _FORMAT.encode())
    deed = Deed(actor=context.actor, action="datasync.export", subject=f"{stored.kind} {job} {stored.name}")
    context.store.audit.add(deed, at=context.clock())
    parts = {"salt": salt, "nonce": nonce, "content": sealed}
    return {"format": _FORMAT, "name": stored.name, **{n: base64.b64encode(v).decode() for n, v in parts.items()}}


def read_export(text: str) -> Mapping[str, Any]:
    """Return an export from its text; raise UsageError for what is none."""
    try:
        found = json.loads(text)
    except ValueError as error:
        raise UsageError("this is no export of a job", remedy="give the whole text of an exported file") from error
    if not isinstance(found, dict):
        raise UsageError("this is no export of a job", remedy="give the whole text of an exported file")
    return found


def import_job(context: Context, content: Mapping[str, Any], password: str, *, renames: bool) -> int:
    """Keep what was exported as something new; return its id. With `renames` a taken name gets a number."""
    body = Loose(content)
    if body.text("format") != _FORMAT:
        raise wrong("format", "this is no export of a job", f"its format is {_FORMAT}")
    try:
        salt, nonce, sealed = (base64.b64decode(body.text(name)) for name in ("salt", "nonce", "content"))
        found = json.loads(AESGCM(_key(password, salt)).decrypt(nonce, sealed, _FORMAT.encode()))
    except (InvalidTag, ValueError) as error:
        raise UsageError("the export cannot be opened", remedy="give the password it was sealed with") from error
    kind, inside = str(found["kind"]), found["body"]
    if kind == COLLECTION:
        return create_collection(context, _named(context, inside, kind, renames=renames))
    return create_job(context, _named(context, inside, kind, renames=renames))


def duplicate_job(context: Context, job: int) -> int:
    """Keep a copy of a job under a name of its own; return its id."""
    body = opened(context, context.store.datasync.read_job(job).body)
    return create_job(context, _named(context, body, JOB, renames=True))


def save_as_template(context: Context, job: int, name: str) -> int:
    """Keep a job as a template, which has no source, destination or schedule; return its id."""
    body = opened(context, context.store.datasync.read_job(job).body)
    info = {**body.get("jobInfo", {}), "sourceProvider": "", "destinationProvider": "", "schedule": ""}
    info["name"] = name.strip() or f"{info.get('name', '')} template"
    return create_job(context, {**body, "isTemplate": True, "jobInfo": info})


def create_from_template(context: Context, template: int, info: Mapping[str, Any]) -> int:
    """Keep a new job made of a template, with the name and providers that are given; return its id."""
    stored = context.store.datasync.read_job(template)
    if stored.kind != TEMPLATE:
        raise UsageError(f"{template} is a {stored.kind}, no template", remedy="list the templates")
    body = opened(context, stored.body)
    given = {key: value for key, value in info.items() if value not in (None, "")}
    return create_job(
        context, {**body, "isTemplate": False, "jobInfo": {**body.get("jobInfo", {}), **given, "templateId": template}}
    )


def _named(context: Context, body: Mapping[str, Any], kind: str, *, renames: bool) -> dict[str, Any]:
    key = "jobCollectionInfo" if kind == COLLECTION else "jobInfo"
    info = dict(body.get(key, {}))
    taken = {job.name.casefold() for job in context.store.datasync.list_jobs(kind)}
    base, name, number = str(info.get("name", "")), str(info.get("name", "")), 1
    while renames and name.casefold() in taken:
        number += 1
        name = f"{base}{number}"
    return {**body, key: {**info, "name": name}}


def _key(password: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=2**15, r=8, p=1).derive(password.encode())
