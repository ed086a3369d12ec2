"""The form of a schedule: what it holds for one that is there, and what it asks for when it comes back."""

from collections.abc import Mapping

from accord.model.errors import Invalid
from accord.operations.administration.schedules import (
    ExecutionMode,
    PatternType,
    ScheduleTerms,
    ScheduleUnit,
    ScheduleView,
    StepType,
    StepView,
    TriggerType,
)

DAYS = ((1, "Mon"), (2, "Tue"), (3, "Wed"), (4, "Thu"), (5, "Fri"), (6, "Sat"), (0, "Sun"))


def fields_of(view: ScheduleView | None) -> dict[str, str]:
    """Return what the form holds for a schedule as it is."""
    if view is None:
        return {"pattern": PatternType.SPECIFIC_TIMES.value, "enabled": "yes"}
    is_manual = view.trigger_type is TriggerType.MANUAL
    fields = {
        "name": view.name, "description": view.description or "", "enabled": "yes" if view.is_enabled else "",
        "pattern": TriggerType.MANUAL.value if is_manual else view.pattern_type.value, "times": view.run_times or "",
        "every": str(view.interval_value or ""), "unit": (view.interval_unit or ScheduleUnit.MINUTES).value,
        "begin": view.interval_window_start or "", "end": view.interval_window_end or "",
        "cron": (view.cron_expression or "") if view.pattern_type is PatternType.CUSTOM else "",
        **{f"day-{day}": "on" for day in (view.days_of_week or "").split(",") if day},
    }  # fmt: skip
    for step in view.steps:
        number = step.step_index
        fields |= {
            f"step-{number}": f"job:{step.job_type}"
            if step.job_type
            else f"{step.connected_system_id}:{step.run_profile_id}",
            f"place-{number}": str(number + 1),
            f"label-{number}": step.name or "", f"timeout-{number}": str(step.timeout_seconds or ""),
            f"beside-{number}": "on" if step.execution_mode is ExecutionMode.PARALLEL else "",
            f"goes-on-{number}": "on" if step.continue_on_failure else "",
        }  # fmt: skip
    return fields


def terms_of(form: Mapping[str, str]) -> ScheduleTerms:
    """Return what a form asks for; what belongs to another pattern is left out."""
    pattern = form.get("pattern", "")
    is_manual = pattern == TriggerType.MANUAL.value
    kind = PatternType.SPECIFIC_TIMES if is_manual else PatternType(pattern or PatternType.SPECIFIC_TIMES.value)
    if not form.get("name", "").strip():
        raise Invalid("a schedule needs a name", {"name": ["say what people call it"]})
    steps = [n for n in (key.removeprefix("step-") for key in form if key.startswith("step-")) if form[f"step-{n}"]]
    ordered = sorted(steps, key=lambda n: (_whole(form, f"place-{n}") or len(steps) + 1, int(n)))
    return ScheduleTerms(
        name=form["name"].strip(), description=form.get("description") or None, pattern_type=kind,
        trigger_type=TriggerType.MANUAL if is_manual else TriggerType.CRON,
        days_of_week=",".join(str(day) for day, _ in DAYS if form.get(f"day-{day}")) or None,
        run_times=(form.get("times") or None) if kind is PatternType.SPECIFIC_TIMES and not is_manual else None,
        interval_value=_whole(form, "every"), interval_unit=ScheduleUnit(form.get("unit") or "Minutes"),
        interval_window_start=form.get("begin") or None, interval_window_end=form.get("end") or None,
        cron_expression=(form.get("cron") or None) if kind is PatternType.CUSTOM else None,
        is_enabled=form.get("enabled") == "yes", change_reason=form.get("reason") or None,
        steps=tuple(_step(form, n, position) for position, n in enumerate(ordered)),
    )  # fmt: skip


def _step(form: Mapping[str, str], number: str, position: int) -> StepView:
    system, _, what = form[f"step-{number}"].partition(":")
    is_job = system == "job"
    return StepView(
        step_index=position, name=form.get(f"label-{number}") or None,
        step_type=StepType.JOB if is_job else StepType.RUN_PROFILE, job_type=what if is_job else None,
        connected_system_id=None if is_job else int(system), run_profile_id=None if is_job else int(what),
        timeout_seconds=_whole(form, f"timeout-{number}"),
        execution_mode=ExecutionMode.PARALLEL if form.get(f"beside-{number}") else ExecutionMode.SEQUENTIAL,
        continue_on_failure=bool(form.get(f"goes-on-{number}")),
    )  # fmt: skip


def _whole(form: Mapping[str, str], name: str) -> int | None:
    text = form.get(name, "").strip()
    if text and not text.isdecimal():
        raise Invalid(f"{text!r} is no whole number", {name: ["give a whole number"]})
    return int(text) if text else None
