"""Active or stale: the facts of one item held against the rules, at one moment."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from migrator.domain.classification.activity.facts import Act, ActivityFacts
from migrator.domain.classification.activity.protections import protections_of
from migrator.domain.classification.activity.turns import Turn, Turns, turns_of
from migrator.domain.evidence import (
    Activity,
    ActivityVerdict,
    Evidence,
    Leaning,
    MaintainerReply,
    ReplyKind,
)
from migrator.domain.rules import ActivityRules

_UNDATED_LANDING = Evidence(signal="landing", says=Leaning.NEUTRAL)


def judge_facts(facts: ActivityFacts, rules: ActivityRules, now: datetime) -> ActivityVerdict:
    """The verdict at ``now`` (aware). An item is stale from the very second at which its term ends.

    An act dated after ``now`` (clocks differ by seconds) is simply a recent one.
    """
    turns = turns_of(facts, rules)
    protections = protections_of(facts, rules, now)
    ends, term = _term(facts, turns, rules)
    over = now >= ends
    stale = over and not protections
    clock = _shown(facts.last, "clock", Leaning.STALE if over else Leaning.ACTIVE, term)
    return ActivityVerdict(
        answer=Activity.STALE if stale else Activity.ACTIVE,
        clock=facts.last.at,
        stale_at=None if protections else ends,
        awaiting=str(turns.awaiting),
        unanswered=turns.unanswered,
        wrote_last=facts.author_word,
        reply=turns.reply,
        reproduced=facts.standing.reproduced,
        already_told=_told(facts),
        landing=facts.landing,
        deciding=protections[0] if over and protections else clock,
        evidence=(
            clock,
            *protections,
            *_turn_evidence(facts, turns),
            *_pull_evidence(facts),
            *_link_evidence(facts),
        ),
    )


def _term(facts: ActivityFacts, turns: Turns, rules: ActivityRules) -> tuple[datetime, str]:
    """When the item's term ends, and the bar in words. The shorter term runs from when the
    author was last asked."""
    ends = facts.last.at + rules.stale_after
    if turns.awaiting is Turn.AUTHOR and turns.asked_at is not None:
        sooner = max(facts.last.at, turns.asked_at) + rules.awaiting_author_after
        if sooner < ends:
            return sooner, f"{rules.awaiting_author_after.days} days while waiting for the author"
    return ends, f"{rules.stale_after.days} days without a person's act"


def _told(facts: ActivityFacts) -> str:
    return (facts.told.url or facts.told.actor) if facts.told else ""


def _turn_evidence(facts: ActivityFacts, turns: Turns) -> tuple[Evidence, ...]:
    """Whose turn it is, what a maintainer said that it follows from, and the ways out that
    others showed."""
    found = [
        Evidence(
            signal="turn",
            says=Leaning.NEUTRAL,
            value=f"waiting for: {turns.awaiting}",
            bar=turns.label,
            at=turns.asked_at,
        )
    ]
    if turns.reply:
        found.append(_quoted("reply", turns.reply))
    reproduced = facts.standing.reproduced
    if reproduced and reproduced.url != (turns.reply.url if turns.reply else ""):
        found.append(_quoted("reproduced", reproduced))
    if turns.unanswered:
        found.append(_due(facts, turns))
    found += [_shown(act, "way_out", Leaning.NEUTRAL) for act in facts.standing.solutions]
    return tuple(found)


def _due(facts: ActivityFacts, turns: Turns) -> Evidence:
    """Why the item is not closed for its age: what the maintainers have not done yet."""
    reply, wrote = turns.reply, facts.author_word
    acknowledged = (
        reply is not None
        and reply.kind is ReplyKind.ACKNOWLEDGED
        and (wrote is None or reply.at > wrote)
    )
    if acknowledged:
        value = "a maintainer acknowledged it and has not settled it"
    elif turns.awaiting is Turn.AUTHOR:
        value = "a maintainer explained it, and asked and advised nothing"
    else:
        value = "no maintainer answered the author"
    said_at = reply.at if reply and (acknowledged or turns.awaiting is Turn.AUTHOR) else wrote
    return Evidence(signal="unanswered", says=Leaning.UNSURE, value=value, at=said_at)


def _quoted(signal: str, reply: MaintainerReply) -> Evidence:
    """What a maintainer said as evidence: its kind, its sentence, who, when and where."""
    value = f"{reply.kind}: {reply.sentence}" if reply.sentence else str(reply.kind)
    return Evidence(
        signal=signal,
        says=Leaning.NEUTRAL,
        value=value,
        at=reply.at,
        actor=reply.actor,
        url=reply.url,
    )


def _pull_evidence(facts: ActivityFacts) -> tuple[Evidence, ...]:
    """How a pull request stands; shown to whoever decides, and held against nobody."""
    return (
        (Evidence(signal="pull_state", says=Leaning.NEUTRAL, value=facts.pull),)
        if facts.pull
        else ()
    )


def _link_evidence(facts: ActivityFacts) -> tuple[Evidence, ...]:
    """Who posted the new address, and which item of a target repository continues this one."""
    found = []
    if facts.told:
        found.append(_shown(facts.told, "already_told", Leaning.NEUTRAL))
    if facts.landing:
        shown = (
            _shown(facts.landed, "landing", Leaning.NEUTRAL) if facts.landed else _UNDATED_LANDING
        )
        found.append(replace(shown, value=facts.landing))
    return tuple(found)


def _shown(act: Act, signal: str, says: Leaning, bar: str = "") -> Evidence:
    """An act as evidence: who did what, when, and where to see it."""
    value = f"{act.name.replace('_', ' ')} {act.value}".strip()
    return Evidence(
        signal=signal, says=says, value=value, bar=bar, at=act.at, actor=act.actor, url=act.url
    )


def distance(verdict: ActivityVerdict, now: datetime) -> str:
    """How far the verdict is from the other one: ``stale in 12 days``, ``stale since 40 days``,
    ``protected: milestone``."""
    if verdict.stale_at is None:
        first = next(
            (each for each in verdict.evidence if each.says is Leaning.PROTECTS), verdict.deciding
        )
        return f"protected: {first.signal.replace('_', ' ')}"
    days = abs(verdict.stale_at - now).days
    amount = "less than a day" if days == 0 else f"{days} day{'s' if days != 1 else ''}"
    return f"stale in {amount}" if verdict.stale_at > now else f"stale since {amount}"
