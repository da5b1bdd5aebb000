"""Accounts, and the state of the limits."""

from __future__ import annotations

from migrator.sandbox.call import Call
from migrator.sandbox.errors import Refused, not_found
from migrator.sandbox.http_messages import ApiReply, ApiRequest
from migrator.sandbox.rest.common import wire
from migrator.sandbox.rest.shapes.people import whole_user
from migrator.sandbox.routing import rest


@rest.route("GET", "/user")
def get_me(call: Call, ask: ApiRequest) -> ApiReply:
    """Read the account that asks; Apps have none."""
    if not call.agent.login:
        raise Refused(401, "Requires authentication")
    if call.agent.installation is not None:
        raise Refused(403, "Resource not accessible by integration")
    return ApiReply(body=whole_user(wire(call, ask), call.agent.account))


@rest.route("GET", "/users/{login}")
def get_user(call: Call, ask: ApiRequest) -> ApiReply:
    """Read an account; a bot's login ends in ``[bot]`` here."""
    login = ask.params["login"]
    account = call.world.account(login.removesuffix("[bot]"))
    if account is None or (account.type == "Bot") is not login.endswith("[bot]"):
        raise not_found()
    return ApiReply(body=whole_user(wire(call, ask), account))


@rest.route("GET", "/rate_limit")
def get_rate_limit(call: Call, ask: ApiRequest) -> ApiReply:
    """Read the primary limits; secondary limits have no address
    (https://docs.github.com/rest/rate-limit/rate-limit)."""
    core, graphql = call.primary["core"], call.primary["graphql"]
    search = {**core, "limit": 30, "remaining": 30, "used": 0}
    return ApiReply(
        body={"resources": {"core": core, "graphql": graphql, "search": search}, "rate": core}
    )
