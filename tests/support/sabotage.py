"""Breaks one promise on purpose, inside the process that applies: a benchmark that does not
notice proves nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from migrator.domain.protocol import next_step, transfer
from migrator.domain.protocol.ledger import ActKind, Outcome, Phase
from migrator.domain.protocol.next_step import Close, Finish, Live, PostNotice, Read
from migrator.domain.protocol.steps import Transfer
from migrator.execution import item_executor, recheck, run
from migrator.github.client import GitHubClient
from migrator.store import ledger
from migrator.store.ledger import Ledger


@dataclass(frozen=True)
class Sabotage:
    """What is broken, and which counter must notice."""

    counter: str
    do: Callable[[], None]


def _no_look_up() -> None:
    """Write again after an unknown outcome, without looking for our nonce."""

    def find_out(_notice: Any, live: Any, now: Any, timing: Any) -> Any:
        blind = msgspec.structs.replace(live, standing_comment="") if live else None
        return next_step.before_notice(blind, now, timing)

    setattr(next_step, "find_out", find_out)  # noqa: B010 - it is meant to break things


def _no_recheck() -> None:
    """Believe that every item still is as it was planned."""
    usual = recheck.Recheck.live

    def live(self: Any, *given: Any, **named: Any) -> Live:
        return msgspec.structs.replace(usual(self, *given, **named), drift=None)

    recheck.Recheck.live = live  # type: ignore[method-assign]


def _order_swapped() -> None:
    """Close before the notice stands."""
    usual = next_step.next_step

    def first_close(planned: Any, state: Any, live: Any, **named: Any) -> Any:
        act = usual(planned, state, live, **named)
        return Close() if isinstance(act, PostNotice) and planned.closes else act

    setattr(item_executor, "next_step", first_close)  # noqa: B010 - it is meant to break things


def _close_all() -> None:
    """Close what the plan leaves open."""
    usual, label_and_close = item_executor.next_step, GitHubClient.label_and_close  # type: ignore[attr-defined]

    def one_more(planned: Any, state: Any, live: Any, **named: Any) -> Any:
        act = usual(planned, state, live, **named)
        at_the_end = isinstance(act, Finish) and act.outcome is Outcome.DONE
        return Close() if at_the_end and state.act(ActKind.CLOSE) is None else act

    async def always_close(self: Any, *given: Any, **named: Any) -> Any:
        return await label_and_close(self, *given, **{**named, "close": True})

    setattr(item_executor, "next_step", one_more)  # noqa: B010 - it is meant to break things
    setattr(GitHubClient, "label_and_close", always_close)  # noqa: B010 - it is meant to break things


def _forgetful_ledger() -> None:
    """Lose the line that a notice was confirmed when the entry ends."""
    usual = Ledger.append

    def append(self: Any, recorded: Any, attempts: Any) -> Any:
        kept = [
            line
            for line in attempts
            if not (line.act is ActKind.CLOSE and line.phase is Phase.DONE)
        ]
        return (
            usual(self, recorded, kept)
            if kept
            else msgspec.structs.replace(recorded, attempts=recorded.attempts)
        )

    Ledger.append = append  # type: ignore[method-assign]
    setattr(Ledger, "append_together", lambda *_given: False)  # noqa: B010 - one by one, as above


def _silent() -> None:
    """Stop half way and say nothing."""
    usual = run._next_items

    def next_items(context: Any, run: Any, plan: Any) -> Any:
        items, due = usual(context, run, plan)
        return items[: len(items) // 2], due

    run._next_items = next_items


def _pretend() -> None:
    """Call notices done that were never written."""

    def finish(*_given: Any, **_named: Any) -> Finish:
        return Finish(outcome=Outcome.DONE, code="redirect")

    setattr(item_executor, "next_step", finish)  # noqa: B010 - it is meant to break things


def _second_notice() -> None:
    """Post each notice once more, under another nonce, as if nothing stood on the item."""
    usual = GitHubClient.add_comment

    async def twice(self: Any, subject_id: str, body: str) -> Any:
        await usual(self, subject_id, re.sub(r"nonce=[0-9a-f]{16}", "nonce=" + "0" * 16, body))
        return await usual(self, subject_id, body)

    setattr(GitHubClient, "add_comment", twice)  # noqa: B010 - it is meant to break things


def _no_identity() -> None:
    """Open entries without saying which item they are about."""

    def nameless(_session: Any, _migration: str, entries: Any) -> Any:
        return dict.fromkeys(entry.id for entry in entries)

    setattr(ledger, "item_id_of", lambda *_given: None)  # noqa: B010 - it is meant to break things
    setattr(ledger, "item_ids_of", nameless)  # noqa: B010 - it is meant to break things


def _resend() -> None:
    """Send a transfer again after an unknown outcome, without asking where the thread is."""
    usual = item_executor.next_transfer_step  # type: ignore[attr-defined]

    def blind(planned: Any, state: Any, live: Any, **named: Any) -> Any:
        act = usual(planned, state, live, **named)
        sent = state.act(ActKind.TRANSFER)
        if sent is None or not sent.pending or sent.unwritten:
            return act
        return Read() if live is None or live.moved is not None else Transfer()

    setattr(item_executor, "next_transfer_step", blind)  # noqa: B010 - it is meant to break things


def _unrelated() -> None:
    """Leave relations as a transfer left them."""
    setattr(transfer, "_relate", lambda *_given: None)  # noqa: B010 - it is meant to break things


SABOTAGES = {
    "standing": Sabotage("second_notices", _second_notice),
    "identity": Sabotage("unknown_items", _no_identity),
    "look_up": Sabotage("duplicate_notices", _no_look_up),
    "recheck": Sabotage("closed_after_person_spoke", _no_recheck),
    "order": Sabotage("closed_without_notice", _order_swapped),
    "scope": Sabotage("unplanned", _close_all),
    "ledger": Sabotage("ledger_mismatch", _forgetful_ledger),
    "silence": Sabotage("silent_ends", _silent),
    "pretence": Sabotage("lost_notices", _pretend),
    "resend": Sabotage("moved_twice", _resend),
    "relations": Sabotage("relations_lost", _unrelated),
}
OF_TRANSFERS = frozenset({"resend", "relations"})
"""Promises that only a migration that transfers threads can break."""
