"""``pause``, ``resume`` and ``cancel``: a person steers a run. The state lives in the database and survives restarts."""

from __future__ import annotations

from migrator.errors import UsageError
from migrator.store.runs import RunState
from migrator.workflows.context import Context


def pause(context: Context, run_id: str, *, by: str) -> None:
    """Hold a running run. Raises :class:`UsageError` if it is not running."""
    _change(context, run_id, RunState.PAUSED, f"paused by {by}", (RunState.RUNNING,))


def resume(context: Context, run_id: str) -> None:
    """Let a paused or stopped run go on. Raises :class:`UsageError` if it is neither.

    Who resumes a stopped run has judged why it stopped: its brakes count from now on.
    """
    if not context.store.runs.resume(run_id, at=context.clock()):
        raise _refusal(context, run_id)


def cancel(context: Context, run_id: str, *, by: str) -> None:
    """End a run for good. Raises :class:`UsageError` if it has ended."""
    _change(context, run_id, RunState.CANCELLED, f"cancelled by {by}", (RunState.RUNNING, RunState.PAUSED, RunState.STOPPED))


def _change(context: Context, run_id: str, to: RunState, reason: str, only_from: tuple[RunState, ...]) -> None:
    if not context.store.runs.change(run_id, to, reason, at=context.clock(), only_from=only_from):
        raise _refusal(context, run_id)


def _refusal(context: Context, run_id: str) -> UsageError:
    run = context.store.runs.get(run_id)
    cause = f"the run {run_id} is {run.state}" if run else f"there is no run {run_id}"
    return UsageError(cause, cure="see `migrator runs`")
