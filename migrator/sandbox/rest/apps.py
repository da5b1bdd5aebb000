"""GitHub Apps: the App itself, installations, tokens, deliveries
(https://docs.github.com/rest/apps)."""

from __future__ import annotations

import time

from migrator.sandbox.apps import new_installation_token
from migrator.sandbox.call import Call
from migrator.sandbox.clock import iso
from migrator.sandbox.entities import App, Delivery, Installation
from migrator.sandbox.errors import Refused, invalid, not_found
from migrator.sandbox.http_messages import ApiReply, ApiRequest
from migrator.sandbox.rest.common import repository, wire
from migrator.sandbox.rest.paging import page_of
from migrator.sandbox.rest.shapes.apps import (
    delivery,
    delivery_item,
    installation,
    installed_repositories,
    integration,
)
from migrator.sandbox.rest.shapes.repositories import repository as shown_repository
from migrator.sandbox.rights import covers
from migrator.sandbox.routing import rest
from migrator.sandbox.signin import app_for, bearer

REDELIVERY_SECONDS = 3 * 24 * 3600


def _app(call: Call, ask: ApiRequest) -> App:
    """Return the App that signed the request; installation tokens do not do here.

    Raises:
        Refused: 401.
    """
    secret = bearer(ask.headers.get("authorization", ""))
    if secret.count(".") != 2:
        raise Refused(401, "A JSON web token could not be decoded")
    return app_for(call.world, secret)


@rest.route("GET", "/app")
def get_app(call: Call, ask: ApiRequest) -> ApiReply:
    """Read the App."""
    app = _app(call, ask)
    count = sum(
        one.app == app.slug and not one.removed for one in call.world.installations.values()
    )
    return ApiReply(body={**integration(wire(call, ask), app), "installations_count": count})


@rest.route("GET", "/apps/{slug}")
def get_app_by_slug(call: Call, ask: ApiRequest) -> ApiReply:
    """Read an App as everybody sees it."""
    app = call.world.apps.get(ask.params["slug"])
    if app is None:
        raise not_found()
    return ApiReply(body=integration(wire(call, ask), app))


# -- installations


@rest.route("GET", "/app/installations")
def list_installations(call: Call, ask: ApiRequest) -> ApiReply:
    """List where the App is installed."""
    app, form = _app(call, ask), wire(call, ask)
    found = [
        one for one in call.world.installations.values() if one.app == app.slug and not one.removed
    ]
    return page_of(ask, found, lambda one: installation(form, one))


def _installation(call: Call, ask: ApiRequest) -> Installation:
    app, number = _app(call, ask), ask.params["installation"]
    found = call.world.installations.get(int(number))
    if found is None or found.removed or found.app != app.slug:
        raise not_found()
    return found


@rest.route("GET", "/app/installations/{installation}")
def get_installation(call: Call, ask: ApiRequest) -> ApiReply:
    """Read one installation."""
    return ApiReply(body=installation(wire(call, ask), _installation(call, ask)))


@rest.route("GET", "/repos/{owner}/{name}/installation")
def get_repository_installation(call: Call, ask: ApiRequest) -> ApiReply:
    """Read the installation that includes a repository."""
    app, home = _app(call, ask), repository(call, ask)
    found = next(
        (
            one
            for one in call.world.installations.values()
            if one.app == app.slug and covers(one, home)
        ),
        None,
    )
    if found is None:
        raise not_found()
    return ApiReply(body=installation(wire(call, ask), found))


@rest.route("GET", "/users/{login}/installation")
@rest.route("GET", "/orgs/{login}/installation")
def get_account_installation(call: Call, ask: ApiRequest) -> ApiReply:
    """Read the installation on an account."""
    app, login = _app(call, ask), ask.params["login"].lower()
    fitting = (one for one in call.world.installations.values() if one.account.lower() == login)
    found = next((one for one in fitting if one.app == app.slug and not one.removed), None)
    if found is None:
        raise not_found()
    return ApiReply(body=installation(wire(call, ask), found))


@rest.route("POST", "/app/installations/{installation}/access_tokens")
def create_token(call: Call, ask: ApiRequest) -> ApiReply:
    """Make an installation token, good for an hour of real time."""
    found = _installation(call, ask)
    if found.suspended:
        raise Refused(403, "This installation has been suspended")
    asked = ask.json().get("permissions") or found.permissions
    beyond = {
        name
        for name, right in asked.items()
        if right == "write" and found.permissions.get(name) != "write"
    }
    if beyond:
        raise invalid(
            "The permissions requested are not granted to this installation.",
            resource="Installation",
        )
    token = new_installation_token(call.world, found, read_only="write" not in asked.values())
    body = {
        "token": token.secret,
        "expires_at": iso(token.expires),
        "permissions": asked,
        "repository_selection": "selected" if found.repositories else "all",
    }
    return ApiReply(status=201, body=body)


@rest.route("DELETE", "/app/installations/{installation}")
def delete_installation(call: Call, ask: ApiRequest) -> ApiReply:
    """Uninstall the App."""
    found = _installation(call, ask)
    found.removed = True
    call.world.touch(found)
    return ApiReply(status=204)


@rest.route("DELETE", "/installation/token")
def revoke_token(call: Call, ask: ApiRequest) -> ApiReply:
    """Revoke the token that asks."""
    token = call.world.tokens.get(bearer(ask.headers.get("authorization", "")))
    if token is None:
        raise Refused(401, "Bad credentials")
    token.revoked = True
    call.world.touch(token)
    return ApiReply(status=204)


@rest.route("GET", "/installation/repositories")
def list_installed(call: Call, ask: ApiRequest) -> ApiReply:
    """List the repositories that the token's installation includes."""
    if call.agent.installation is None:
        raise Refused(
            403,
            "You must authenticate with an installation access token in order to list "
            "repositories for an installation.",
        )
    form = wire(call, ask)
    found = installed_repositories(form, call.agent.installation)
    return page_of(
        ask, found, lambda one: shown_repository(form, one, call.agent), under="repositories"
    )


# -- deliveries


@rest.route("GET", "/app/hook/config")
def hook_config(call: Call, ask: ApiRequest) -> ApiReply:
    """Read where deliveries go."""
    app = _app(call, ask)
    hook = next((one for one in call.world.hooks.values() if one.app in (app.slug, "")), None)
    url = hook.url if hook is not None else app.webhook_url
    return ApiReply(
        body={"content_type": "json", "insecure_ssl": "0", "secret": "********", "url": url}
    )


@rest.route("GET", "/app/hook/deliveries")
def list_deliveries(call: Call, ask: ApiRequest) -> ApiReply:
    """List deliveries, newest first, by cursor."""
    _app(call, ask)
    size = min(max(ask.number("per_page", 30), 1), 100)
    newest = sorted(call.world.deliveries.values(), key=lambda one: -one.id)
    cursor = ask.number("cursor", 0)
    found = [one for one in newest if not cursor or one.id < cursor]
    headers = {}
    if len(found) > size:
        following = f"{ask.base}/app/hook/deliveries?per_page={size}&cursor={found[size - 1].id}"
        headers["link"] = f'<{following}>; rel="next"'
    return ApiReply(body=[delivery_item(one) for one in found[:size]], headers=headers)


def _delivery(call: Call, ask: ApiRequest) -> Delivery:
    _app(call, ask)
    found = call.world.deliveries.get(int(ask.params["delivery"]))
    if found is None:
        raise not_found()
    return found


@rest.route("GET", "/app/hook/deliveries/{delivery}")
def get_delivery(call: Call, ask: ApiRequest) -> ApiReply:
    """Read one delivery with its payload."""
    return ApiReply(body=delivery(_delivery(call, ask)))


@rest.route("POST", "/app/hook/deliveries/{delivery}/attempts")
def redeliver(call: Call, ask: ApiRequest) -> ApiReply:
    """Deliver again, with the same ``X-GitHub-Delivery``; possible for three days."""
    found = _delivery(call, ask)
    if found.sent < time.time() - REDELIVERY_SECONDS:
        raise invalid("The delivery is older than three days.", resource="Delivery")
    call.redeliveries.append(found.id)
    return ApiReply(status=202, body={})
