"""The routes under ``/_sandbox/``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from migrator.sandbox.control.acting import act
from migrator.sandbox.dumping import world_lines
from migrator.sandbox.errors import Refused
from migrator.sandbox.exchange import Ask, Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from migrator.sandbox.server import Server

    Control = Callable[[Server, Ask], Any]

ROUTES: dict[tuple[str, str], Control] = {}
LINES = {"content-type": "application/x-ndjson"}


def control(method: str, name: str) -> Callable[[Control], Control]:
    """Register the decorated function for ``/_sandbox/NAME``; the rest of the path comes in ``ask.params["rest"]``."""

    def register(function: Control) -> Control:
        ROUTES[method, name] = function
        return function

    return register


def answer(server: Server, ask: Ask) -> Reply:
    """Answer a request to the control surface."""
    name, _, rest = ask.path.removeprefix("/_sandbox/").partition("/")
    function = ROUTES.get((ask.method, f"{name}/{rest}")) or ROUTES.get((ask.method, name))
    ask.params = {"rest": rest}
    if function is None:
        return Reply(
            status=404, body={"error": f"no {ask.method} {ask.path}", "known": sorted(" /_sandbox/".join(key) for key in ROUTES)}
        )
    try:
        result = function(server, ask)
    except Refused as refused:
        result = Reply(status=refused.status, body={"error": refused.message})
    except (ValueError, TypeError, KeyError) as error:
        result = Reply(status=400, body={"error": f"{type(error).__name__}: {error}"})
    server.keep()
    return result if isinstance(result, Reply) else Reply(body=result)


@control("GET", "health")
def health(server: Server, ask: Ask) -> dict[str, Any]:
    """Tell that this is a sandbox, and its time."""
    return {"sandbox": True, "now": server.world.clock.text()}


@control("GET", "stats")
def stats(server: Server, ask: Ask) -> dict[str, Any]:
    """Return all counts."""
    return server.stats()


@control("POST", "stats/reset")
def reset_stats(server: Server, ask: Ask) -> dict[str, Any]:
    """Begin counting anew."""
    server.reset_stats()
    return server.stats()


@control("GET", "world")
def world(server: Server, ask: Ask) -> Reply:
    """Return the whole world as JSON lines."""
    return Reply(body=b"\n".join(world_lines(server.world)) + b"\n", headers=LINES)


@control("GET", "item")
def item(server: Server, ask: Ask) -> Any:
    """Return one item's record, also of a deleted or transferred one."""
    repository, _, number = ask.params["rest"].rpartition("/")
    found = server.world.threads.get(repository.lower(), {}).get(int(number))
    if found is None:
        raise Refused(404, f"no item {repository}#{number}")
    return found


@control("POST", "act")
def do_act(server: Server, ask: Ask) -> dict[str, Any]:
    """Let a person act; a list of acts is done in order."""
    given = msgspec.json.decode(ask.body)
    if isinstance(given, list):
        return {"acts": [act(server.world, one) for one in given]}
    return act(server.world, given)


@control("POST", "clock")
def clock(server: Server, ask: Ask) -> dict[str, str]:
    """Move the world's clock forward."""
    server.world.clock.advance(float(ask.json().get("advance_seconds", 0)))
    return {"now": server.world.clock.text()}


@control("GET", "log")
def log(server: Server, ask: Ask) -> Reply:
    """Return every request in order, as JSON lines."""
    return Reply(body=b"".join(line + b"\n" for line in server.log.lines()), headers=LINES)


@control("GET", "mails")
def mails(server: Server, ask: Ask) -> Any:
    """Return the mails of every act since the counts began."""
    return server.world.mails
