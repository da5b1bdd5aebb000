"""What-if by dials: a few terms and bars that a person may turn, the answer, and the lines of
TOML that keep it."""

from __future__ import annotations

import shlex
import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import PurePath
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, Field

from migrator.config.toml_patch import patched, unified_diff
from migrator.domain.decisions import Decision
from migrator.domain.items import Frozen
from migrator.domain.planning.what_if import DecisionChange
from migrator.domain.rules.settings_override import with_settings
from migrator.domain.stats import Bin
from migrator.execution.context import Context
from migrator.services.what_if import Questions, WhatIfAnswer
from migrator.store.plans import StoredPlan
from migrator.views.overview import newest_plan
from migrator.views.plan_summary import PlanSummary, summary_so_far

KEPT: Final = 32
"""Answers that are remembered."""
MOST_CHANGED: Final = 200
"""Changed items that a page lists."""
PATCH: Final = "what-if.patch"
PRESET: Final = "preset:"
"""How the path of a migration file begins that ships with the program."""


def _empty(value: object) -> object:
    return None if value == "" else value


Term = Annotated[Annotated[int, Field(ge=0, le=3650)] | None, BeforeValidator(_empty)]
Share = Annotated[Annotated[float, Field(ge=0.0, le=1.0)] | None, BeforeValidator(_empty)]
Number = Annotated[Annotated[int, Field(ge=0, le=1000)] | None, BeforeValidator(_empty)]


class Dials(BaseModel):
    """What to turn; what is left empty stays as the migration file says."""

    stale_after: Term = Field(
        None, description="Days without human activity after which an item is stale."
    )
    awaiting_author_after: Term = Field(
        None, description="The shorter term while the thread waits for its author, in days."
    )
    quiet_days: Term = Field(
        None, description="Days after human activity in which an item is never closed."
    )
    votes: Number = Field(
        None, description="Thumbs-up that keep an item active; 0 switches that off."
    )
    people: Number = Field(
        None, description="Participants that keep an item active; 0 switches that off."
    )
    ours_at: Share = Field(None, description="Probability from which an item counts as ours.")
    not_ours_at: Share = Field(
        None, description="Probability up to which an item counts as not ours."
    )
    close_at: Share = Field(
        None, description="Probability from which text alone is enough to close."
    )


class Dial(Frozen, frozen=True, kw_only=True):
    """One slider: ``now`` is the file's value, ``value`` the one turned to."""

    name: str
    key: str
    label: str
    unit: str
    least: float
    most: float
    step: float
    now: float
    value: float

    @property
    def turned(self) -> bool:
        """Whether it differs from the file."""
        return self.value != self.now


class Crossing(Frozen, frozen=True, kw_only=True):
    """An item that changes side: it would get another decision."""

    key: str
    title: str
    before: Decision
    after: Decision
    message: str


class RulesPatch(Frozen, frozen=True, kw_only=True):
    """A file to download that changes the migration file as the dials stand, and the ``command``
    that applies it. Rules have one home, the file: nothing else changes them."""

    name: str
    text: str
    command: str


class WhatIfPage(Frozen, frozen=True, kw_only=True):
    """Dials with the answer; ``answer`` is ``None`` while none is turned. ``toml`` are the lines
    that would keep it; ``command`` applies the patch with them, and is empty if there is none.

    ``crossings`` are the first of the ``crossing`` items that change side; ``reworded`` ones keep
    their decision for another reason. ``silence`` and ``probability`` show the items as the dials
    stand; ``facts`` as they were planned.
    """

    dials: tuple[Dial, ...]
    answer: WhatIfAnswer | None
    crossing: int
    reworded: int
    crossings: tuple[Crossing, ...]
    silence: tuple[Bin, ...]
    probability: tuple[Bin, ...]
    toml: str
    facts: PlanSummary | None
    decisions: dict[str, int]
    command: str = ""


_DIALS: Final = (
    ("stale_after", "activity.stale_after", "Stale after", "days", 7, 1095, 1),
    (
        "awaiting_author_after",
        "activity.awaiting_author_after",
        "Stale while waiting for its author after",
        "days",
        7,
        365,
        1,
    ),
    ("quiet_days", "activity.quiet_days", "Never close within", "days", 0, 60, 1),
    ("votes", "activity.protect.votes", "Thumbs-up that protect", "thumbs-up", 0, 100, 1),
    ("people", "activity.protect.people", "Participants that protect", "people", 0, 100, 1),
    ("ours_at", "ownership.ours_at", "Ours from a probability of", "", 0.5, 1, 0.01),
    ("not_ours_at", "ownership.not_ours_at", "Not ours up to", "", 0, 0.5, 0.01),
    ("close_at", "ownership.close_at", "Close on text alone from", "", 0.5, 1, 0.01),
)

_questions = Questions()
_answers: OrderedDict[tuple[object, ...], WhatIfAnswer] = OrderedDict()
_lock = threading.Lock()


def what_if_page(context: Context, asked: Dials, person: str) -> WhatIfPage:
    """The page. Raises ``ConfigError`` for values that the rules do not allow together, and what
    :meth:`Questions.ask` raises; ``person`` (a login) has one question at a time."""
    dials = tuple(_dial(context, asked, *each) for each in _DIALS)
    settings = tuple(f"{dial.key}={_written(dial)}" for dial in dials if dial.turned)
    plan = newest_plan(context)
    facts = summary_so_far(context, plan) if plan else None
    answer = _remembered(context, settings, person) if settings else None
    shown = answer or facts
    patch = rules_patch(context, asked) if answer else None
    crossing = [change for change in answer.changed if _crosses(change)] if answer else []
    return WhatIfPage(
        dials=dials,
        answer=answer,
        crossing=len(crossing),
        reworded=len(answer.changed) - len(crossing) if answer else 0,
        crossings=_crossings(context, plan, crossing[:MOST_CHANGED]),
        silence=shown.silence if shown else (),
        probability=shown.probability if shown else (),
        toml=_toml(dials),
        facts=facts,
        decisions=dict(plan.totals.decisions) if plan else {},
        command=patch.command if patch else "",
    )


def rules_patch(context: Context, asked: Dials) -> RulesPatch | None:
    """What changes the migration file as the dials stand; of a preset, which ships with the
    program, a whole file in its place. ``None`` if no dial is turned, or if the file has to be
    changed by hand.

    Raises ``ConfigError`` for values that the rules do not allow together.
    """
    dials = [dial for dial in (_dial(context, asked, *each) for each in _DIALS) if dial.turned]
    loaded = context.migration
    wanted = with_settings(loaded.file, [f"{dial.key}={_written(dial)}" for dial in dials])
    text = patched(loaded.text, {dial.key: _toml_value(dial) for dial in dials}, wanted)
    if not dials or text is None:
        return None
    if loaded.path.startswith(PRESET):
        name = f"{loaded.path.removeprefix(PRESET)}.toml"
        return RulesPatch(name=name, text=text, command=f"migrator check --migration {name}")
    file = PurePath(loaded.path)
    shown = str(file) if context.settings.on_loopback else file.name  # no paths of a server
    diff = unified_diff(loaded.text, text, file.name)
    return RulesPatch(name=PATCH, text=diff, command=f"patch {shlex.quote(shown)} {PATCH}")


def _crosses(change: DecisionChange) -> bool:
    return change.before is not change.after


def _crossings(
    context: Context, plan: StoredPlan | None, changes: Sequence[DecisionChange]
) -> tuple[Crossing, ...]:
    titles = (
        context.store.lists.titles(plan.hash, [change.key for change in changes])
        if plan and changes
        else {}
    )
    return tuple(
        Crossing(
            key=each.key,
            title=titles.get(each.key, ""),
            before=each.before,
            after=each.after,
            message=each.message,
        )
        for each in changes
    )


def _dial(
    context: Context,
    asked: Dials,
    name: str,
    key: str,
    label: str,
    unit: str,
    least: float,
    most: float,
    step: float,
) -> Dial:
    now = _in_file(context, key)
    given = getattr(asked, name)
    value = now if given is None else float(given)
    return Dial(
        name=name,
        key=key,
        label=label,
        unit=unit,
        least=min(least, now),
        most=max(most, now),
        step=step,
        now=now,
        value=value,
    )


def _in_file(context: Context, key: str) -> float:
    value: object = context.migration.file
    for step in key.split("."):
        value = getattr(value, step)
    return float(getattr(value, "days", value))  # type: ignore[arg-type]


def _written(dial: Dial) -> str:
    if dial.unit == "days":
        return f"{dial.value:.0f}d"
    return f"{dial.value:g}"


def _toml_value(dial: Dial) -> str:
    return f'"{_written(dial)}"' if dial.unit == "days" else _written(dial)


def _toml(dials: tuple[Dial, ...]) -> str:
    """The turned dials as lines for the migration file, by table."""
    tables: dict[str, list[str]] = {}
    for dial in dials:
        if dial.turned:
            table, _, key = dial.key.rpartition(".")
            tables.setdefault(table, []).append(f"{key} = {_toml_value(dial)}")
    return "\n\n".join(f"[{table}]\n" + "\n".join(lines) for table, lines in tables.items())


def _remembered(context: Context, settings: tuple[str, ...], person: str) -> WhatIfAnswer:
    """The answer; the same question on the same data is worked out once."""
    digest, stamp = context.migration.digest, _stamp(context)
    name = context.migration.file.migration.name
    key = (name, digest, settings, stamp, id(context.store.engine))
    with _lock:
        if key in _answers:
            _answers.move_to_end(key)
            return _answers[key]
    answer = _questions.ask(context, settings, stamp, person)
    with _lock:
        _answers[key] = answer
        while len(_answers) > KEPT:
            _answers.popitem(last=False)
    return answer


def _stamp(context: Context) -> str:
    """What the answer depends on: when the items were judged, and the reviewers' answers so far.
    What a run does meanwhile changes nothing: items with a notice count as if they had none."""
    as_of = context.store.verdicts.as_of(rules_digest=context.migration.digest)
    return f"{as_of} {context.store.queue.stamp()}"
