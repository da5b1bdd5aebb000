"""The routes under ``/_sandbox/``."""

from __future__ import annotations

import secrets
import time
from base64 import b64decode
from typing import TYPE_CHECKING, Any

import msgspec

from migrator.sandbox.actions import Artifact, RunApproval
from migrator.sandbox.control.acts import act, whole
from migrator.sandbox.entities import Account, Hook, Repository, Token
from migrator.sandbox.errors import Refused, SandboxError
from migrator.sandbox.faults.injector import Schedule
from migrator.sandbox.faults.kinds import KINDS
from migrator.sandbox.faults.rules import catalogue, parse_reply_rules
from migrator.sandbox.http_messages import ApiReply, ApiRequest
from migrator.sandbox.job_tokens import job_token
from migrator.sandbox.limits import LimitRules
from migrator.sandbox.transfer_rules import (
    PRESETS,
    IssueBot,
    TransferRules,
    parse_transfer_rules,
)
from migrator.sandbox.world_writer import world_lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from migrator.sandbox.server import Server

    Control = Callable[[Server, ApiRequest], Any]

ROUTES: dict[tuple[str, str], Control] = {}
LINES = {"content-type": "application/x-ndjson"}
LONGEST_LATENCY = 60
"""Seconds."""


def control(method: str, name: str) -> Callable[[Control], Control]:
    """Register the decorated function for ``/_sandbox/NAME``; the rest of the path comes in
    ``ask.params["rest"]``."""

    def register(function: Control) -> Control:
        ROUTES[method, name] = function
        return function

    return register


def answer(server: Server, ask: ApiRequest) -> ApiReply:
    """Answer a request to the control surface."""
    name, _, rest = ask.path.removeprefix("/_sandbox/").partition("/")
    function = ROUTES.get((ask.method, f"{name}/{rest}")) or ROUTES.get((ask.method, name))
    ask.params = {"rest": rest}
    if function is None:
        return ApiReply(
            status=404,
            body={
                "error": f"no {ask.method} {ask.path}",
                "known": sorted(" /_sandbox/".join(key) for key in ROUTES),
            },
        )
    server.catch_up()
    try:
        result = function(server, ask)
    except Refused as refused:
        result = ApiReply(status=refused.status, body={"error": refused.message})
    except (ValueError, TypeError, KeyError, SandboxError) as error:
        result = ApiReply(status=400, body={"error": f"{type(error).__name__}: {error}"})
    server.keep()
    return result if isinstance(result, ApiReply) else ApiReply(body=result)


@control("GET", "health")
def health(server: Server, ask: ApiRequest) -> dict[str, Any]:
    """Tell that this is a sandbox, and its time."""
    return {"sandbox": True, "now": server.world.clock.text()}


@control("GET", "stats")
def stats(server: Server, ask: ApiRequest) -> dict[str, Any]:
    """Return all counts."""
    return server.stats()


@control("POST", "stats/reset")
def reset_stats(server: Server, ask: ApiRequest) -> dict[str, Any]:
    """Begin counting anew."""
    server.reset_stats()
    return server.stats()


@control("GET", "world")
def world(server: Server, ask: ApiRequest) -> ApiReply:
    """Return the whole world as JSON lines."""
    return ApiReply(body=world_lines(server.world), headers=LINES)


@control("GET", "item")
def item(server: Server, ask: ApiRequest) -> Any:
    """Return one item's record, also of a deleted or transferred one."""
    repository, _, number = ask.params["rest"].rpartition("/")
    found = server.world.threads.get(repository.lower(), {}).get(int(number))
    if found is None:
        raise Refused(404, f"no item {repository}#{number}")
    return whole(found)


@control("POST", "act")
def do_act(server: Server, ask: ApiRequest) -> dict[str, Any]:
    """Let a person act; a list of acts is done in order."""
    given = msgspec.json.decode(ask.body)
    if isinstance(given, list):
        return {"acts": [act(server.world, one) for one in given]}
    return act(server.world, given)


@control("POST", "clock")
def clock(server: Server, ask: ApiRequest) -> dict[str, str]:
    """Move the world's clock forward."""
    server.world.clock.advance(float(ask.json().get("advance_seconds", 0)))
    return {"now": server.world.clock.text()}


@control("POST", "latency")
def latency(server: Server, ask: ApiRequest) -> dict[str, float]:
    """Let every answer from now on take ``milliseconds`` longer than its work, instead of as many
    as before."""
    seconds = float(ask.json()["milliseconds"]) / 1000
    if not 0 <= seconds <= LONGEST_LATENCY:
        raise ValueError(f"milliseconds must be 0 to {LONGEST_LATENCY * 1000}")
    server.options = msgspec.structs.replace(server.options, latency=seconds)
    return {"milliseconds": seconds * 1000}


@control("GET", "log")
def log(server: Server, ask: ApiRequest) -> ApiReply:
    """Return every request and every act in the world's order, as JSON lines."""
    return ApiReply(body=server.log.lines(), headers=LINES)


@control("POST", "faults")
def faults(server: Server, ask: ApiRequest) -> dict[str, Any]:
    """Put a schedule of faults in force; an empty one ends them."""
    schedule = msgspec.json.decode(ask.body, type=Schedule)
    server.faults.set(schedule, len(server.log.entries))
    return {
        "kinds": {name: kind.says for name, kind in KINDS.items()},
        "schedule": msgspec.to_builtins(schedule),
    }


@control("POST", "rules")
def set_rules(server: Server, ask: ApiRequest) -> list[dict[str, Any]]:
    """Put rules for replies in force instead of those before, and return them; see
    :mod:`migrator.sandbox.faults.rules`."""
    server.rules.set(parse_reply_rules(msgspec.json.decode(ask.body)))
    return server.rules.shown()


@control("GET", "rules")
def shown_rules(server: Server, ask: ApiRequest) -> dict[str, Any]:
    """Return the rules in force with how often each struck, and the catalogue."""
    return {"rules": server.rules.shown(), "catalogue": msgspec.to_builtins(catalogue())}


@control("POST", "limits")
def limits(server: Server, ask: ApiRequest) -> Any:
    """Change some of the limits' numbers, such as ``{"close_costs": 2}``."""
    known = msgspec.to_builtins(server.limits.rules)
    server.limits.rules = msgspec.convert({**known, **ask.json()}, type=LimitRules)
    return server.limits.rules


@control("GET", "limits")
def counted(server: Server, ask: ApiRequest) -> Any:
    """Return what an account (``?login=``) spent of each limit."""
    return server.limits.counted(ask.text("login"))


@control("POST", "transfers")
def set_transfers(server: Server, ask: ApiRequest) -> TransferRules:
    """Change some of the knobs of transfers; ``{"use": "unkind"}`` begins from a preset."""
    server.world.transfers = parse_transfer_rules(server.world.transfers, ask.json())
    return server.world.transfers


@control("GET", "transfers")
def shown_transfers(server: Server, ask: ApiRequest) -> dict[str, Any]:
    """Return the knobs of transfers, the presets, and how many issues are on their way."""
    world = server.world
    return {
        "rules": msgspec.to_builtins(world.transfers),
        "presets": PRESETS,
        "in_flight": [item.key for item in world.in_flight.values()],
    }


@control("POST", "bots")
def set_bots(server: Server, ask: ApiRequest) -> list[IssueBot]:
    """Let these bots react to issues opened, instead of those before."""
    server.world.bots = msgspec.json.decode(ask.body, type=list[IssueBot])
    return server.world.bots


@control("POST", "hook")
def add_hook(server: Server, ask: ApiRequest) -> Any:
    """Let deliveries go to ``url``, signed with ``secret``. With ``app`` they come as to that
    App's own hook."""
    given = ask.json()
    app = server.world.apps.get(given["app"]) if given.get("app") else None
    made = Hook(
        url=given["url"],
        secret=given.get("secret") or (app.webhook_secret if app else ""),
        events=given.get("events") or [],
        app=given.get("app") or "",
        id=server.world.new_id(),
    )
    server.world.hooks[made.id] = made
    server.world.touch(made)
    return made


@control("POST", "hook/clear")
def clear_hooks(server: Server, ask: ApiRequest) -> dict[str, int]:
    """Take all hooks away."""
    taken = len(server.world.hooks)
    server.world.hooks.clear()
    return {"taken": taken}


@control("POST", "token")
def make_token(server: Server, ask: ApiRequest) -> Any:
    """Make a token for ``login``; ``read_only``, ``expires_in`` (seconds) and ``scopes`` as
    wished."""
    given = ask.json()
    expires = time.time() + float(given["expires_in"]) if "expires_in" in given else 0
    made = Token(
        secret=f"ghp_{secrets.token_hex(18)}",
        login=given["login"],
        read_only=bool(given.get("read_only")),
        expires=expires,
    )
    made.scopes = given.get("scopes") or ["repo"]
    server.world.tokens[made.secret] = made
    server.world.touch(made)
    return made


@control("POST", "installation")
def change_installation(server: Server, ask: ApiRequest) -> Any:
    """Change an installation (``id``): ``removed``, ``suspended``, ``permissions``,
    ``repositories``."""
    given = ask.json()
    found = server.world.installations[int(given.pop("id"))]
    for name in ("removed", "suspended", "permissions", "repositories"):
        setattr(found, name, given.get(name, getattr(found, name)))
    server.world.touch(found)
    return found


@control("POST", "repository")
def change_repository(server: Server, ask: ApiRequest) -> Any:
    """Change a repository (``name``): ``archived``, ``has_issues``, ``blank_issues``, ``watchers``,
    ``files``, ``private``, ``milestones``, ``milestone_due``.

    One that is not there yet is made, empty, and its owner is its admin: a scratch repository, such
    as a probe wants.
    """
    given = ask.json()
    name = str(given.pop("name"))
    found = server.world.repositories.get(name.lower()) or _new_repository(server, name)
    for name in REPOSITORY_KEYS:
        setattr(found, name, given.get(name, getattr(found, name)))
    server.world.touch(found)
    return found


REPOSITORY_KEYS = (
    "archived",
    "has_issues",
    "blank_issues",
    "watchers",
    "files",
    "private",
    "milestones",
    "milestone_due",
)


def _new_repository(server: Server, name: str) -> Repository:
    world, made = server.world, Repository(name=name)
    owner = world.account(made.owner) or world.add_account(Account(login=made.owner))
    owner.permissions = {**owner.permissions, name: "admin"}
    world.touch(owner)
    return world.add_repository(made)


@control("POST", "account")
def change_account(server: Server, ask: ApiRequest) -> Any:
    """Make or change an account (``login``): ``type``, ``permissions``, ``deleted``."""
    given = ask.json()
    found = server.world.accounts.get(given["login"].lower()) or server.world.add_account(
        Account(login=given["login"])
    )
    for name in ("type", "permissions", "deleted"):
        setattr(found, name, given.get(name, getattr(found, name)))
    server.world.touch(found)
    return found


@control("GET", "mails")
def mails(server: Server, ask: ApiRequest) -> Any:
    """Return the mails of every act since the counts began."""
    return server.world.mails


@control("POST", "actions/token")
def make_job_token(server: Server, ask: ApiRequest) -> Any:
    """Make a ``GITHUB_TOKEN`` for a job of a workflow in ``repository``, with ``permissions``."""
    given = ask.json()
    home = server.world.repository(given["repository"])
    return job_token(server.world, server.limits, home, given.get("permissions") or {})


@control("POST", "actions/artifact")
def add_artifact(server: Server, ask: ApiRequest) -> dict[str, int]:
    """Keep an artifact: ``repository``, ``name``, ``zip`` (base64), and the ``run``, ``branch`` and
    ``head`` repository that it is from."""
    given, world = ask.json(), server.world
    made = Artifact(
        id=world.new_id(),
        repository=world.repository(given["repository"]).name,
        name=given["name"],
        content=b64decode(given["zip"]),
        run=int(given["run"]),
        branch=given.get("branch", "main"),
        head=given.get("head", given["repository"]),
        created_at=world.clock.text(),
    )
    world.actions.artifacts[made.id] = made
    return {"id": made.id}


@control("GET", "actions/blob")
def artifact_blob(server: Server, ask: ApiRequest) -> ApiReply:
    """The host of artifacts' files: it knows the signature in the URL and refuses a token of
    GitHub beside it."""
    found = server.world.actions.artifacts.get(ask.number("id", 0))
    if found is None or ask.text("sig") != found.signature:
        raise Refused(403, "Signature did not match")
    if "authorization" in ask.headers:
        raise Refused(401, "InvalidAuthenticationInfo")
    return ApiReply(body=found.content, headers={"content-type": "application/zip"})


@control("POST", "actions/approval")
def add_approval(server: Server, ask: ApiRequest) -> Any:
    """Let a reviewer (``login``) approve a ``run`` of ``repository`` for an ``environment``."""
    made = msgspec.convert(ask.json(), type=RunApproval)
    server.world.actions.approvals.append(made)
    return made
