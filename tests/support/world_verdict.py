"""Judges a migration by the sandbox's world and log alone: what was done twice, lost, done to
people, or never planned."""

from __future__ import annotations

import json
import re
import urllib.request
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from migrator.domain.planning.plan import PlanItem
from migrator.domain.protocol.ledger import ActKind, Outcome
from migrator.store.ledger import Recorded

MARKER = re.compile(
    r"<!-- migrator:1 migration=(\S+) (?:kind=notice )?decision=(\S+) generation=(\d+) "
    r"nonce=([0-9a-f]+) -->"
)
OTHER_BOT = "stale-sweeper"
ATTIC = "/sandbox-attic"
"""Where the sandbox transfers items to. Their comments went along, and are judged at the old
place, as are those of threads that we transferred."""
SPEECH = frozenset({"reopened", "renamed"})
"""Events beside comments with which a person speaks."""
NOT_SHOWN = "not_read"
"""Code of what GitHub did not show when its turn came: the next plan has it again."""
COUNTERS = (
    "duplicate_notices",
    "lost_notices",
    "closed_without_notice",
    "closed_after_person_spoke",
    "unplanned",
    "ledger_mismatch",
    "silent_ends",
    "second_notices",
    "unknown_items",
    "moved_twice",
    "relations_lost",
)


@dataclass
class Verdict:
    """The counters of one run, with the items behind each.

    ``account`` is ours; ``since`` is the world's sequence when the plan was made: what came before
    was known.
    """

    account: str
    since: int
    found: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in COUNTERS})

    def add(self, counter: str, key: str, why: str) -> None:
        """Count one fault."""
        self.found[counter].append(f"{key}: {why}")

    @property
    def counts(self) -> dict[str, int]:
        """How often each fault was found."""
        return {name: len(keys) for name, keys in self.found.items()}


def judge(
    records: Iterable[dict[str, Any]],
    planned: dict[str, PlanItem],
    entries: dict[str, Recorded],
    *,
    account: str,
    since: int,
) -> Verdict:
    """Judge every item of the world."""
    verdict = Verdict(account, since)
    items = {
        f"{record['repository']}#{record['number']}": record
        for record in records
        if record.get("record") == "item"
    }
    for key, record in items.items():
        if not record["repository"].endswith(ATTIC) and not record.get("came_from"):
            _judge_item(
                verdict, key, _with_its_comments(record, items), planned.get(key), entries.get(key)
            )
    return verdict


def _with_its_comments(record: dict[str, Any], items: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The item as it was before somebody transferred it, if somebody did."""
    to = record.get("moved_to")
    return (
        record
        if not to
        else record | {"comments": items[f"{to['repository']}#{to['number']}"].get("comments", ())}
    )


def _judge_item(
    verdict: Verdict,
    key: str,
    record: dict[str, Any],
    planned: PlanItem | None,
    entry: Recorded | None,
) -> None:
    notices = _notices(record, verdict.account)
    closes = [event for event in _closes(record) if event.get("actor") == verdict.account]
    closes = [event for event in closes if event.get("sequence", 0) > verdict.since]
    for count in Counter(mark[:3] for mark, _ in notices).values():
        if count > 1:
            verdict.add("duplicate_notices", key, f"{count} notices")
    nonces = {mark[3] for mark, _ in notices}
    if len(nonces) > 1:
        verdict.add("second_notices", key, f"{len(nonces)} notices on one item")
    if entry is not None and entry.entry.item_id is None:
        verdict.add("unknown_items", key, "the ledger does not know which item this is")
    _judge_closes(verdict, key, record, notices, closes)
    if planned is None and (notices or closes):
        verdict.add("unplanned", key, "an act on an item without a plan")
    if planned is not None:
        if closes and not planned.closes:
            verdict.add("unplanned", key, "closed although the plan leaves it open")
        _judge_ledger(verdict, key, record, planned, entry, notices, closes)


def _notices(record: dict[str, Any], account: str) -> list[tuple[tuple[str, ...], int]]:
    """(migration, decision, generation, nonce) and sequence of each of our notices, deleted ones left
    out."""
    found = []
    for comment in record.get("comments", ()):
        if comment.get("author") == account:
            found += [
                (mark, comment.get("sequence", 0)) for mark in MARKER.findall(comment["body"])
            ]
    return found


def _judge_closes(
    verdict: Verdict,
    key: str,
    record: dict[str, Any],
    notices: list[Any],
    closes: list[dict[str, Any]],
) -> None:
    ours = bool(closes) and _closes(record)[-1].get("actor") == verdict.account
    closed_now = ours and record.get("state") == "closed" and not _is_gone(record)
    for close in closes:
        if not any(sequence < close["sequence"] for _, sequence in notices):
            verdict.add("closed_without_notice", key, "no notice stood when it was closed")
        for spoke in _speech(record, verdict):
            if spoke <= close.get("read", 0) or (spoke < close["sequence"] and closed_now):
                verdict.add(
                    "closed_after_person_spoke",
                    key,
                    f"spoke at {spoke}, closed at {close['sequence']}",
                )
                break


def _is_gone(record: dict[str, Any]) -> bool:
    """Whether somebody deleted the item or transferred it away: from then on nobody can act on
    it at this place."""
    return bool(record.get("deleted") or record.get("moved_to"))


def _closes(record: dict[str, Any]) -> list[dict[str, Any]]:
    return [event for event in record.get("events", ()) if event["kind"] == "closed"]


def _speech(record: dict[str, Any], verdict: Verdict) -> list[int]:
    """Sequences at which a person spoke on the item after the plan was made."""
    ours = {verdict.account, OTHER_BOT}
    words = [one for one in record.get("comments", ()) if one.get("author") not in ours]
    acts = [
        one
        for one in record.get("events", ())
        if one["kind"] in SPEECH and one.get("actor") not in ours
    ]
    return sorted(
        one["sequence"] for one in (*words, *acts) if one.get("sequence", 0) > verdict.since
    )


def _judge_ledger(
    verdict: Verdict,
    key: str,
    record: dict[str, Any],
    planned: PlanItem,
    entry: Recorded | None,
    notices: list[Any],
    closes: list[dict[str, Any]],
) -> None:
    gone = _is_gone(record)
    state = entry.state if entry else None
    if state is None or state.outcome is None:
        verdict.add("silent_ends", key, "no outcome")
        return
    if state.outcome is Outcome.IN_DOUBT or gone:
        return
    if state.outcome is Outcome.DONE and not notices:
        verdict.add("lost_notices", key, "done without a notice")
    if state.is_done(ActKind.NOTICE) != bool(notices):
        verdict.add(
            "ledger_mismatch",
            key,
            f"ledger notice {state.is_done(ActKind.NOTICE)}, world {len(notices)}",
        )
    landed = bool(closes) or any(
        event.get("sequence", 0) > verdict.since for event in _closes(record)
    )  # somebody may be faster
    if (
        planned.closes
        and state.is_done(ActKind.CLOSE) != landed
        and (closes or state.is_done(ActKind.CLOSE))
    ):
        verdict.add(
            "ledger_mismatch",
            key,
            f"ledger close {state.is_done(ActKind.CLOSE)}, world {len(closes)}",
        )
    untouched = not _others_acted(record, verdict)
    if untouched and state.outcome is Outcome.SKIPPED and state.code != NOT_SHOWN:
        verdict.add("lost_notices", key, f"skipped ({state.code}) although nobody had touched it")


def _others_acted(record: dict[str, Any], verdict: Verdict) -> bool:
    """Whether anybody but us did anything to the item after the plan."""
    parts = (*record.get("comments", ()), *record.get("events", ()), *record.get("reactions", ()))
    others = (one for one in parts if (one.get("author") or one.get("actor")) != verdict.account)
    return any(one.get("sequence", 0) > verdict.since for one in others)


def world_sequence(url: str) -> int:
    """The sandbox's place in its own order of everything."""
    with urllib.request.urlopen(f"{url}/_sandbox/world") as reply:
        return int(json.loads(reply.readline()).get("sequence", 0))
