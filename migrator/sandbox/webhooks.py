"""Webhooks: each change is told to every hook that listens, signed, once, and never again by
itself.

https://docs.github.com/webhooks/using-webhooks/best-practices-for-using-webhooks
A delivery that is not answered within 10 seconds has failed; it can be sent again for three days,
under the same ``X-GitHub-Delivery``. Order is not promised.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
import uuid
from collections.abc import Iterable
from typing import Any

import httpx
import msgspec

from migrator.sandbox.entities import Delivery, Hook
from migrator.sandbox.events import Announcement
from migrator.sandbox.ids import node_id
from migrator.sandbox.payloads import payload_of
from migrator.sandbox.rest.shapes import ShapeContext
from migrator.sandbox.rights import covers
from migrator.sandbox.world import World

TIMEOUT_SECONDS = 10.0
AT_ONCE = 8
KEPT_PAYLOADS = 2000
_ENCODER = msgspec.json.Encoder()


class Webhooks:
    """Tells hooks what happens in a world."""

    def __init__(self, world: World, url: str) -> None:
        self._world = world
        self.base = url
        self.sent = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self._client: httpx.AsyncClient | None = None
        world.on_announcement.append(self._told)

    @property
    def under_way(self) -> int:
        """How many deliveries are not answered yet."""
        return len(self._tasks)

    def _told(self, told: Announcement) -> None:
        """Make a delivery for every hook that wants to know; its payload shows the world as it
        is now."""
        for hook in self._world.hooks.values():
            if hook.events and told.event not in hook.events:
                continue
            installation = self._installation(hook, told)
            if hook.app and installation is None:
                continue
            self._send_later(hook, self._delivery(hook, told, installation), told.delay)

    def _installation(self, hook: Hook, told: Announcement) -> int | None:
        """Return the installation through which an App hears of a repository."""
        found = (
            one
            for one in self._world.installations.values()
            if one.app == hook.app and covers(one, told.repository)
        )
        return next((one.id for one in found), None)

    def _delivery(self, hook: Hook, told: Announcement, installation: int | None) -> Delivery:
        payload = payload_of(ShapeContext(self._world, self.base), told)
        if installation is not None:
            payload["installation"] = {"id": installation, "node_id": node_id("MDIz", installation)}
        made = Delivery(
            id=self._world.new_id(),
            guid=str(uuid.uuid4()),
            event=told.event,
            action=told.action,
            hook=hook.id,
            installation=installation,
            repository_id=told.repository.id,
            payload=payload,
        )
        return self._keep(made)

    def _keep(self, made: Delivery) -> Delivery:
        made.delivered_at, made.sent = self._world.clock.text(), time.time()
        self._world.deliveries[made.id] = made
        self._world.touch(made)
        if len(self._world.deliveries) > KEPT_PAYLOADS:
            self._world.deliveries.pop(next(iter(self._world.deliveries)))
        return made

    def redeliver(self, ids: Iterable[int]) -> None:
        """Send deliveries again."""
        for number in ids:
            old = self._world.deliveries[number]
            hook = self._world.hooks.get(old.hook)
            if hook is not None:
                again = msgspec.structs.replace(
                    old, id=self._world.new_id(), redelivery=True, status_code=0, answer=""
                )
                self._send_later(hook, self._keep(again))

    def _send_later(self, hook: Hook, delivery: Delivery, delay: float = 0) -> None:
        task = asyncio.get_running_loop().create_task(self._send(hook, delivery, delay))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send(self, hook: Hook, delivery: Delivery, delay: float) -> None:
        """Post one delivery and record what came back."""
        await asyncio.sleep(delay)
        body = _ENCODER.encode(delivery.payload)
        async with self._at_once:
            began = time.monotonic()
            try:
                reply = await self._poster().post(
                    hook.url, content=body, headers=headers_of(hook, delivery, body)
                )
                delivery.status_code, delivery.answer = reply.status_code, reply.text[:1000]
            except httpx.HTTPError as error:
                delivery.answer = str(error)
            delivery.duration = round(time.monotonic() - began, 3)
        self.sent += 1
        self._world.touch(delivery)

    def _poster(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=TIMEOUT_SECONDS)
        return self._client

    async def finish(self) -> None:
        """Wait for what is under way, then close."""
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()


def signature(secret: str, body: bytes) -> str:
    """Return the value of ``X-Hub-Signature-256``
    (https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries)."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def headers_of(hook: Hook, delivery: Delivery, body: bytes) -> dict[str, str]:
    """Return the headers of a delivery."""
    headers = {
        "content-type": "application/json",
        "user-agent": "GitHub-Hookshot/sandbox",
        "x-github-delivery": delivery.guid,
        "x-github-event": delivery.event,
        "x-github-hook-id": str(hook.id),
        "x-github-hook-installation-target-type": "integration" if hook.app else "repository",
    }
    return (
        {**headers, "x-hub-signature-256": signature(hook.secret, body)} if hook.secret else headers
    )


def ping(hook: Hook) -> dict[str, Any]:
    """Return the payload of the first delivery of a hook."""
    return {
        "zen": "Half measures are as bad as nothing at all.",
        "hook_id": hook.id,
        "hook": {"type": "App", "id": hook.id},
    }
