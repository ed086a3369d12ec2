"""The scripts of a job as its body gives them: checked by line when it is saved, and opened for a run."""

from collections.abc import Mapping
from datetime import datetime

from accord.datasync.asking import ScriptHost
from accord.datasync.body import JobBody
from accord.datasync.compiled import GlobalScript, ScriptColumn
from accord.datasync.loose import wrong
from accord.datasync.python.checking import check_transform, events_of
from accord.datasync.python.process import PythonHost
from accord.datasync.scripts.events import handlers
from accord.datasync.scripts.expressions import ScriptRefused
from accord.datasync.scripts.hosting import VisualBasicHost
from accord.datasync.scripts.running import compile_script

VISUAL_BASIC = 0
PYTHON = 1
_PLACE = "settings.Destination.ExposedScriptCode"
_REMEDY = "use what the reference of scripts lists"


def language_of(body: JobBody) -> int:
    """Return the language of a job's scripts; raise Invalid when it is none we know."""
    said = body.settings.get("Destination.ScriptingLanguage", "0").strip()
    if said not in ("0", "1"):
        raise wrong("settings.Destination.ScriptingLanguage", f"there is no scripting language {said}",
                    "0 is Visual Basic, 1 is Python")  # fmt: skip
    return int(said)


def check_script(script: ScriptColumn) -> None:
    """Raise Invalid with line and reason when the script of a value cannot be run here."""
    try:
        if script.language == PYTHON:
            check_transform(script.code)
        else:
            compile_script(script.code)
    except ScriptRefused as refused:
        raise wrong(script.place, str(refused), _REMEDY) from refused


def global_script(body: JobBody) -> GlobalScript:
    """Return the handlers of events that do something; raise Invalid with line and reason for what is not run.

    The untouched skeleton of the fourteen events does nothing.
    """
    code, language = body.settings.get("Destination.ExposedScriptCode"), language_of(body)
    if not code.strip():
        return GlobalScript(language=language)
    try:
        if language == PYTHON:
            if code.casefold().lstrip().startswith(("option ", "imports ", "module ")) and not handlers(code):
                # The skeleton that clients send whatever the language.
                return GlobalScript(language=language)
            return GlobalScript(language=language, module=code, events=dict.fromkeys(sorted(events_of(code)), ""))
        found = {event: "\n" * (line - 1) + text for event, (line, text) in handlers(code).items()}
        for text in found.values():
            compile_script(text)
    except ScriptRefused as refused:
        raise wrong(_PLACE, str(refused), _REMEDY) from refused
    return GlobalScript(language=language, events=found)


def open_host(script: GlobalScript, programs: Mapping[str, str], *, now: datetime) -> ScriptHost:
    """Return what runs a job's scripts, columns as `programs` by name; close it when the run is over."""
    if script.language == PYTHON:
        return PythonHost(programs, script.module, now=now)
    return VisualBasicHost(programs, script.events, now=now)
