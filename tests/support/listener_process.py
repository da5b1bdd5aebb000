"""A listener beside a run: a process of its own that answers people now and then, out of the
same budget and ahead of the run."""

from __future__ import annotations

import asyncio
import json
import random
import time
from multiprocessing.process import BaseProcess
from pathlib import Path

from migrator.domain.protocol.rate_limit import Demand, Priority
from tests.support.runner import CHILDREN, Runner

EVERY = 120.0
"""Unscaled seconds between two answers, on average."""
ANSWER = "Thank you, we have seen this."


def listen_in_child(arena: Runner, repository: str, items: list[str], scale: float) -> BaseProcess:
    """Start answering on these items (node ids), one after the other, until killed. Read
    :func:`waits` at the end."""
    child = CHILDREN.Process(target=_listen, args=(arena, repository, items, scale), daemon=True)
    child.start()
    return child


def waits(arena: Runner) -> list[float]:
    """How long each answer waited for the budget, in unscaled seconds."""
    return [float(json.loads(line)) for line in _file(arena).read_text().splitlines()]


def _file(arena: Runner) -> Path:
    return arena.folder / "waits.jsonl"


def _listen(arena: Runner, repository: str, items: list[str], scale: float) -> None:
    asyncio.run(_answer_all(arena, repository, items, scale))


async def _answer_all(arena: Runner, repository: str, items: list[str], scale: float) -> None:
    context, chance = arena.context(), random.Random(3)
    pacer = context.pacer(repository)
    async with context.open_github(repository) as github:
        with _file(arena).open("w", buffering=1) as told:
            for item in items:
                await asyncio.sleep(chance.expovariate(scale / EVERY))
                asked = time.monotonic()
                await pacer.take(Demand(priority=Priority.COMMAND))
                told.write(f"{(time.monotonic() - asked) * scale}\n")
                await github.add_comment(item, ANSWER)
