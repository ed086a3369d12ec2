"""What is run and when: the run profiles of a system, and schedules of steps."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from accord.config.parts import Label, Name, Part, ShortPart
from accord.model.schedules import IntervalUnit, RunKind

JobType = Literal[
    "full_sync", "incremental_sync", "account_sync", "owner_sync", "group_sync", "application_sync",
    "role_generation", "policy_analysis", "manager_resolution", "enrichment",
]  # fmt: skip
TimeOfDay = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class ProfilePart(ShortPart):
    """One run profile; the short form is what it runs."""

    SHORT: ClassVar[str] = "run"

    run: RunKind = Field(description="What it runs.")
    page_rows: int | None = Field(
        default=None, ge=1, le=10_000, description="The most objects to ask for at once, where the system has pages."
    )
    partition: str | None = Field(default=None, description="The only partition that is read, by an import.")
    file: str | None = Field(default=None, description="The file that is read or written instead of the system's.")
    verify: bool = Field(default=False, description="Whether objects are compared as a whole, not by their hash.")


class StepPart(Part):
    """One step of a schedule: a run profile of a system, or a job of the jobs contract."""

    system: Name = Field(default="", description="The connected system; not of a job.")
    profile: Label = Field(default="", description="The run profile of that system; not of a job.")
    job: JobType | None = Field(default=None, description="The type of a job: it has no system and no profile.")
    parameters: dict[str, object] = Field(default={}, description="The parameters of the job.")
    name: Label | None = Field(default=None, description="What people call the step.")
    parallel: bool = Field(default=False, description="Whether it runs beside the step before it.")
    continue_on_failure: bool = Field(default=False, description="Whether the next step runs when this one fails.")
    timeout_s: int | None = Field(default=None, ge=1, description="Seconds after which it counts as failed.")

    @model_validator(mode="after")
    def _is_of_one_kind(self) -> Self:
        if bool(self.job) == bool(self.system and self.profile) or bool(self.system) != bool(self.profile):
            raise ValueError("give system and profile, or job")
        return self


class TimesPart(Part):
    """Certain times of certain days."""

    days: tuple[Annotated[int, Field(ge=0, le=6)], ...] = Field(
        default=(), description="Days of the week, 0 is Sunday; every day when there are none."
    )
    at: tuple[TimeOfDay, ...] = Field(min_length=1, description="Times of the day, UTC.")


class IntervalPart(Part):
    """Again and again, all day or within a window."""

    every: int = Field(ge=1, le=1_440, description="How many units lie between two runs.")
    unit: IntervalUnit = Field(default=IntervalUnit.MINUTES, description="minutes or hours.")
    begin: TimeOfDay | None = Field(default=None, description="The first time of the day, UTC.")
    end: TimeOfDay | None = Field(default=None, description="The last time of the day, UTC.")
    days: tuple[Annotated[int, Field(ge=0, le=6)], ...] = Field(
        default=(), description="Days of the week, 0 is Sunday; every day when there are none."
    )


class ScheduleFile(Part):
    """`schedules/NAME.yaml`: steps that run one after the other, by the clock or when somebody says so."""

    schedule: Name = Field(description="The name of the schedule; the file is named after it.")
    title: Label | None = Field(default=None, description="What people call it, where that is more than the name.")
    description: str = Field(default="", description="A note for people.")
    enabled: bool = Field(default=True, description="Whether the clock starts it.")
    trigger: Literal["clock", "manual"] | None = Field(
        default=None, description="Whether the clock starts it or a person; by the clock where it has times."
    )
    cron: str | None = Field(default=None, max_length=200, description="When, as five fields of cron, UTC.")
    times: TimesPart | None = Field(default=None, description="When, as times of days.")
    interval: IntervalPart | None = Field(default=None, description="When, as an interval.")
    missed: Literal["skip", "once"] = Field(
        default="skip", description="What becomes of times that no worker saw: left out, or made up for once."
    )
    steps: tuple[StepPart, ...] = Field(default=(), description="What runs, in this order.")

    @model_validator(mode="after")
    def _has_one_pattern(self) -> Self:
        if sum(given is not None for given in (self.cron, self.times, self.interval)) > 1:
            raise ValueError("give one of cron, times and interval")
        return self
