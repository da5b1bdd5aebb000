"""A maintainer's way and a webhook's through the web process, which holds no key, while a worker
with the key acts: sign-in, pages, an answer, an approval, a run, a delivery."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from migrator.github.signatures import signature
from tests.support.dashboard import SOURCE
from tests.support.sandbox_server import Local

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 90.0
"""Seconds after which a thing that does not happen never will."""
PAGES = ("/", "/plan", "/review", "/runs", "/jobs", "/people", "/deliveries", "/what-if")
WELCOMED = (
    "Fitting a `tf.keras.Sequential` with a `tf.keras.layers.LSTM` fails: `ValueError: shapes "
    "differ`."
)


def until(holds: Callable[[], object], what: str) -> None:
    """Wait until something holds."""
    end = time.monotonic() + LONGEST
    while not holds():
        assert time.monotonic() < end, f"never: {what}"
        time.sleep(0.1)


@contextmanager
def process(
    arguments: Sequence[str], environment: Mapping[str, str], folder: Path, name: str
) -> Iterator[subprocess.Popen[bytes]]:
    """`migrator` with exactly these variables, until the block ends; it must then stop in order.
    What it says is in ``name.log``."""
    with (folder / f"{name}.log").open("w") as log:
        running = subprocess.Popen(
            [sys.executable, "-m", "migrator", *arguments],
            env=bare(environment),
            cwd=folder,
            stdout=log,
            stderr=log,
        )
        try:
            yield running
        finally:
            running.terminate()
            assert running.wait(timeout=60) == 0, (folder / f"{name}.log").read_text()


def run(arguments: Sequence[str], environment: Mapping[str, str], folder: Path) -> Any:
    """A command of `migrator` to its end, which must be good; its JSON answer, if it gives one."""
    done = subprocess.run(
        [sys.executable, "-m", "migrator", *arguments],
        env=bare(environment),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{arguments}\n{done.stdout}\n{done.stderr}"
    return json.loads(done.stdout) if "--json" in arguments else None


def bare(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables of a process: these, and what Python needs."""
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment}


@dataclass
class FrontDoor:
    """What a person's browser and GitHub see. ``public`` is a client of the public URL, ``worker``
    runs a command where the key is."""

    public: httpx.Client
    github: Local
    secret: str
    worker: Callable[[Sequence[str]], Any]

    def walk(self) -> None:
        """From nothing to an applied plan and a welcomed issue."""
        self.sign_in("mia")
        first = self.ask("refresh")["plan_hash"]
        self.look(first)
        assert self.answer(), "nothing waits for an answer"
        self.apply(self.ask("plan")["plan_hash"])
        self.deliver()
        self.undo()

    def sign_in(self, login: str) -> None:
        """To GitHub and back, as a browser would."""
        away = self.public.get("/login/github")
        assert away.status_code == 303, away.text
        back = httpx.get(away.headers["location"] + f"&login={login}")
        assert self.public.get(back.headers["location"]).status_code == 303
        me = self.public.get("/api/me")
        assert me.json()["login"] == login, me.text
        self.public.headers["x-form-token"] = me.json()["token"]

    def ask(self, kind: str) -> dict[str, Any]:
        """Ask for a job and wait until the worker has done it; what it came to. A job that is
        cancelled makes room for the next."""
        cancelled = self.post("/api/jobs", {"kind": "scan", "full": True})["job"]["id"]
        self.public.post(f"/api/jobs/{cancelled}/cancel", json={})
        job = f"/api/jobs/{self.post('/api/jobs', {'kind': kind})['job']['id']}"
        until(lambda: self.get(job)["job"].get("finished_at"), f"{kind} ends")
        ended = self.get(job)["job"]
        assert ended["state"] == "done", ended
        return dict(ended["progress"])

    def look(self, plan: str) -> None:
        """Every page, and one item's."""
        listed = self.get(f"/api/plans/{plan}/items")["lines"][0]
        item = f"/item/{listed['repository']}/{listed['number']}"
        for path in (*PAGES, f"/plan/{plan}", item):
            assert self.public.get(path, follow_redirects=True).status_code == 200, path

    def answer(self) -> int:
        """Answer the item that waits longest in the review queue; how many waited."""
        waiting = self.get("/api/review")
        if waiting["left"]:
            item = waiting["view"]["item"]
            path = f"/api/items/{item['repository']}/{item['number']}/answer"
            self.post(path, {"key": "l", "reason": "It is not ours", "seen": waiting["seen"]})
        return int(waiting["left"])

    def apply(self, plan: str) -> None:
        """Approve a plan, start it, and wait until the worker has done it."""
        self.post(f"/api/plans/{plan}/approve", {})
        run = self.post(f"/api/plans/{plan}/start", {"fast": True})["id"]
        until(lambda: self.run(run)["sums"]["done"] > 0, "something is done")
        until(lambda: self.run(run)["sums"]["left"] == 0, "the run ends")
        sums = self.run(run)["sums"]
        assert (sums["failed"], sums["in_doubt"]) == (0, 0), sums
        assert self.ours() == sums["noticed"], sums

    def run(self, run: str) -> dict[str, Any]:
        """A run as its page shows it."""
        return dict(self.get(f"/api/runs/{run}"))

    def deliver(self) -> None:
        """A new issue is welcomed; a forged delivery is refused, another repository's is not
        stored."""
        before = self.ours()
        act = self.github.act(
            "rita", "open_issue", 0, SOURCE, title="Model.fit fails", body=WELCOMED
        )
        number = int(act["item"]["number"])
        about = self.github.rest("GET", f"/repos/{SOURCE}", by="rita").json()
        payload = {
            "action": "opened",
            "issue": {"number": number},
            "repository": {"id": about["id"], "full_name": SOURCE},
        }
        assert self.send(payload, "someone else's").status_code == 401
        stranger = {**payload, "repository": {"id": 7, "full_name": "a/b"}}
        assert self.send(stranger, self.secret).json() == {"result": "elsewhere"}
        assert self.send(payload, self.secret).json() == {"result": "accepted"}
        until(lambda: self.ours() > before, "the new issue is welcomed")

    def send(self, payload: dict[str, Any], secret: str) -> httpx.Response:
        """One webhook, as GitHub sends it."""
        body = json.dumps(payload).encode()
        headers = {
            "content-type": "application/json",
            "x-github-event": "issues",
            "x-github-delivery": str(uuid.uuid4()),
            "x-hub-signature-256": signature(secret.encode(), body),
        }
        return self.public.post("/webhooks", content=body, headers=headers)

    def undo(self) -> None:
        """Undoing is asked for on a page, and needs no key either."""
        newest = self.get("/api/runs")[0]["id"]
        assert self.post(f"/api/undo/runs/{newest}", {})["hash"]

    def ours(self) -> int:
        """How many comments the App has written."""
        return sum(
            comment.author == self.github.app.slug
            for item in self.github.world.items_by_id.values()
            for comment in item.comments
        )

    def get(self, path: str) -> Any:
        """Read from the API."""
        reply = self.public.get(path)
        assert reply.status_code == 200, f"{path}: {reply.status_code} {reply.text[:500]}"
        return reply.json()

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """Act by the API."""
        reply = self.public.post(path, json=body)
        assert reply.status_code == 200, f"{path}: {reply.status_code} {reply.text[:500]}"
        return reply.json()
