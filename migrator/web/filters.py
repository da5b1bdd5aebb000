"""What an address of the plan's list may ask for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

from fastapi import Path
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, StringConstraints

from migrator.domain.decisions import Decision
from migrator.domain.items import ItemKind
from migrator.execution.context import Context
from migrator.store.plans import StoredPlan
from migrator.views.plan_summary import mailed_items

Short = Annotated[str, StringConstraints(max_length=200)]
Text = Annotated[str, StringConstraints(max_length=400)]
Outcomes = Literal[
    "",
    "planned",
    "done",
    "edited",
    "yielded",
    "skipped",
    "failed",
    "in_doubt",
    "reverted",
    "waiting",
]
Order = Literal["number", "newest", "clock", "recent", "title", "author"]


def _empty(value: object) -> object:
    """An empty field of a form is one that was not filled in."""
    return None if value == "" else value


Days = Annotated[Annotated[int, Field(ge=0, le=36_500)] | None, BeforeValidator(_empty)]
Wave = Annotated[Annotated[int, Field(ge=0, le=1_000_000)] | None, BeforeValidator(_empty)]


LARGEST: Final = 2**31 - 1
"""The integers of PostgreSQL go no further."""

Number = Annotated[int, Path(ge=1, le=LARGEST, description="Number of the issue or pull request.")]


def _in_utc(value: datetime) -> datetime:
    """A moment without a zone is one of UTC; one that no calendar of UTC holds is refused."""
    try:
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    except (OverflowError, ValueError) as error:
        raise ValueError("no date that can be given in UTC") from error


Moment = Annotated[datetime, AfterValidator(_in_utc)]


class ListQuery(BaseModel):
    """Filter, order and page of a plan's list. Empty parts do not restrict."""

    decision: Decision | Literal[""] = Field("", description="Only items with this decision.")
    code: Short = Field("", description="Only items decided for this reason, by its code.")
    signal: Short = Field("", description="Only items whose deciding evidence is of this signal.")
    label: Short = Field("", description="Only items with this label.")
    kind: ItemKind | Literal[""] = Field("", description="Only issues, or only pull requests.")
    author: Short = Field("", description="Only items by this account.")
    mailed: Short = Field("", description="Only items that notify this account.")
    wave: Wave = Field(
        None, description="Only items of this wave; 0 holds those on which nothing is done."
    )
    silent_days: Days = Field(
        None, description="Only items on which no person has acted for so many days."
    )
    outcome: Outcomes = Field("", description="Only items that stand so now.")
    q: Text = Field(
        "",
        description="Words that title or text must hold, at least their beginnings; or `#` and a "
        "number, `owner/name#number`, or the item's URL on GitHub.",
    )
    order: Order = Field(
        "number",
        description="What to sort by; `clock` puts the longest without human activity first.",
    )
    page: int = Field(1, ge=1, le=1_000_000, description="Page from 1, of 50 items each.")

    def filters(self, context: Context, plan: StoredPlan) -> dict[str, Any]:
        """Arguments of ``migrator.views.plan.wanted``."""
        values = self.model_dump(exclude={"page", "q", "mailed"})
        login = self.mailed.strip().removeprefix("@")
        among = mailed_items(context, plan, login) if login else None
        named = {"decision": str(self.decision), "kind": str(self.kind), "search": self.q}
        return {**values, **named, "among": among}

    def as_query(self) -> dict[str, Any]:
        """The parts that differ from what is shown without any, for links."""
        return _as_query(self)


class RunQuery(BaseModel):
    """Filter and pages of a run's items and waves. Empty parts do not restrict."""

    outcome: Outcomes = Field("", description="Only items that stand so now.")
    wave: Wave = Field(None, description="Only items of this wave.")
    order: Order = Field("number", description="What to sort by, as in the list of a plan.")
    waves: int = Field(
        0, ge=0, le=1_000_000, description="Page of the waves; 0 has the wave at work."
    )
    page: int = Field(1, ge=1, le=1_000_000, description="Page from 1, of 50 items each.")

    def as_query(self) -> dict[str, Any]:
        """The parts that differ from what is shown without any, for links."""
        return _as_query(self)


def _as_query(asked: BaseModel) -> dict[str, Any]:
    given = asked.model_dump(exclude={"page"}, exclude_defaults=True)
    return {name: str(value) for name, value in given.items() if value not in ("", None)}
