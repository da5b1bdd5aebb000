"""Rules for when notices go out, and for when a run stops by itself."""

from __future__ import annotations

from datetime import UTC, time, tzinfo
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, model_validator

from migrator.domain.rules.activity import Count
from migrator.domain.rules.base import Rules

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[Weekday, ...] = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)


def zone_of(name: str) -> tzinfo:
    """The zone of that IANA name; UTC needs no database of zones. Raises what
    :class:`zoneinfo.ZoneInfo` does."""
    return UTC if name == "UTC" else ZoneInfo(name)


def _zone(name: str) -> str:
    """Check an IANA zone name. Raises ``ValueError`` for one that is not known here."""
    try:
        zone_of(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            f"{name!r} is no time zone; write a name such as Europe/Berlin or UTC"
        ) from None
    return name


def _time(value: object) -> object:
    """Read ``"22:00"`` as a time of day. Raises ``ValueError`` for what is none."""
    if not isinstance(value, str):
        return value
    try:
        found = time.fromisoformat(value)
    except ValueError:
        raise ValueError("write a time of day such as 22:00") from None
    if found.tzinfo is not None:
        raise ValueError("write a time of day without a zone, and the zone in its own key")
    return found


ZoneName = Annotated[str, AfterValidator(_zone), Field(examples=["Europe/Berlin"])]
TimeOfDay = Annotated[
    time,
    BeforeValidator(_time),
    PlainSerializer(lambda value: value.isoformat(timespec="minutes"), return_type=str),
    Field(examples=["22:00"], json_schema_extra={"type": "string"}),
]


class QuietHours(Rules):
    """A stretch of each day in which no notice goes out. `start` may be later than `end`: then
    it spans midnight."""

    start: TimeOfDay
    """When it begins, in the zone of `sending.zone`."""
    end: TimeOfDay
    """When it ends. The same as `start` means the whole day."""


class SendingRules(Rules):
    """How many notices reach one person a day, and when none are sent. Commands and taking back
    are never held up by this."""

    notices_per_person_per_day: Count = 5
    """Most notices that one person gets on one day, counted in `zone`. 0 switches the limit off.
    People with triage rights do not count: they are told once, in total. Whoever takes part in so
    many items that this would last longer than 30 days gets a thirtieth of them a day."""
    waves_per_day: Count = 0
    """Most waves that begin on one day. 0 sets no limit."""
    zone: ZoneName = "UTC"
    """IANA time zone in which days and hours are meant."""
    quiet_hours: tuple[QuietHours, ...] = ()
    """Hours in which nothing is sent."""
    quiet_weekdays: tuple[Weekday, ...] = ()
    """Days of the week on which nothing is sent."""

    @model_validator(mode="after")
    def _some_time_is_left(self) -> SendingRules:
        if set(self.quiet_weekdays) >= set(WEEKDAYS) or _covers_a_day(self.quiet_hours):
            raise ValueError("the quiet hours and weekdays leave no time to send anything")
        return self


def _covers_a_day(stretches: tuple[QuietHours, ...]) -> bool:
    """Whether every minute of a day lies in one of the stretches."""
    return bool(stretches) and all(
        any(is_within(time(minute // 60, minute % 60), each) for each in stretches)
        for minute in range(24 * 60)
    )


def is_within(moment: time, stretch: QuietHours) -> bool:
    """Whether a time of day lies in the stretch; its end does not belong to it."""
    if stretch.start < stretch.end:
        return stretch.start <= moment < stretch.end
    return moment >= stretch.start or moment < stretch.end


Share = Annotated[float, Field(ge=0.0, le=1.0)]


class BreakerRules(Rules):
    """When a run stops by itself, until a person resumes it; then everything is counted anew.
    Shares are of the run's latest 300 notices. 0 switches a bound off."""

    least_notices: Count = 20
    """Notices below which no share is judged."""
    reopens: Share = 0.05
    """Share of the closed items that people other than us opened again."""
    appeals: Share = 0.05
    """Share of the notices that were answered by a command against our decision (`/reopen`,
    `/still-here`, `/not-NAME`), from the author or from somebody with triage rights. An author
    counts once, however many of the items are theirs. `/still-here` is no appeal against a notice
    that asks."""
    thumbs_down: Share = 0.1
    """Share of the notices with a thumbs-down from the author, an assignee, an earlier commenter
    or somebody with triage rights. Those without such rights count once each, however many notices
    they dislike."""
    refused_in_a_row: Count = 5
    """Writes of one kind (notices, closes, edits, reopenings, transfers) that GitHub refused one
    after the other."""
    limit_errors: Count = 10
    """Limit errors within an hour."""
    repeated_acts: Annotated[int, Field(ge=1)] = 1
    """Items on which one act of ours was seen twice. It cannot be switched off: this must never
    happen."""


class ReviewRules(Rules):
    """A gate before each wave: enough verdicts were checked by people, and few enough were
    wrong."""

    needs_reviewed: Annotated[int, Field(ge=0)] = 0
    """How many automatic verdicts a maintainer must have checked. 0 switches the gate off."""
    max_error_rate: Annotated[float, Field(ge=0.0, le=1.0)] = 0.05
    """The upper end of the measured error rate's interval must be at most this."""
    confidence: Annotated[float, Field(gt=0.5, lt=1.0)] = 0.95
    """Confidence of that interval (Wilson's, two-sided)."""
