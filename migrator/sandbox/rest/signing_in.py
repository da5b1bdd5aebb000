"""Signing in on the web as a user of an App, and making an App from a manifest.

https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app
https://docs.github.com/apps/sharing-github-apps/registering-a-github-app-from-a-manifest There is
nobody to click: who signs in is said by ``login`` (the owner if it is not), and consent is given at
once.
"""

from __future__ import annotations

import html
import secrets
from urllib.parse import urlencode

import msgspec

from migrator.sandbox.apps import create_app_record, install
from migrator.sandbox.call import Call
from migrator.sandbox.entities import App, Hook, Token
from migrator.sandbox.errors import Refused, not_found
from migrator.sandbox.http_messages import ApiReply, ApiRequest
from migrator.sandbox.owners import ensure_owner
from migrator.sandbox.rest.common import wire
from migrator.sandbox.rest.shapes.apps import integration
from migrator.sandbox.routing import rest

HTML = {"content-type": "text/html; charset=utf-8"}


def _redirect(address: str, **parameters: str) -> ApiReply:
    joint = "&" if "?" in address else "?"
    given = {name: value for name, value in parameters.items() if value}
    return ApiReply(status=302, headers={"location": f"{address}{joint}{urlencode(given)}"})


def _by_client(call: Call, client: str) -> App:
    app = next((one for one in call.world.apps.values() if one.client_id == client), None)
    if app is None:
        raise not_found()
    return app


@rest.route("GET", "/login/oauth/authorize")
def authorize(call: Call, ask: ApiRequest) -> ApiReply:
    """Send the browser back with a code that stands for whoever signs in."""
    app = _by_client(call, ask.text("client_id"))
    account = call.world.account(ask.text("login")) or ensure_owner(call.world)
    code = secrets.token_hex(10)
    call.world.codes[code] = f"{app.slug}\n{account.login}\n{ask.text('redirect_uri')}"
    return _redirect(ask.text("redirect_uri"), code=code, state=ask.text("state"))


@rest.route("POST", "/login/oauth/access_token")
def exchange_code(call: Call, ask: ApiRequest) -> ApiReply:
    """Turn a code into a user's token, once; errors come with status 200."""
    given = ask.form()
    slug, login, _ = (call.world.codes.pop(given.get("code", ""), "") or "\n\n").split("\n")
    app = call.world.apps.get(slug)
    if app is None:
        return _token_reply(
            ask,
            {
                "error": "bad_verification_code",
                "error_description": "The code is incorrect or expired.",
            },
        )
    if (given.get("client_id"), given.get("client_secret")) != (app.client_id, app.client_secret):
        return _token_reply(
            ask,
            {
                "error": "incorrect_client_credentials",
                "error_description": "The client is not known.",
            },
        )
    token = Token(secret=f"ghu_{secrets.token_hex(18)}", login=login)
    call.world.tokens[token.secret] = token
    call.world.touch(token)
    return _token_reply(ask, {"access_token": token.secret, "token_type": "bearer", "scope": ""})


def _token_reply(ask: ApiRequest, body: dict[str, str]) -> ApiReply:
    """Answer as a form unless JSON is asked for, as GitHub does."""
    if "json" in ask.headers.get("accept", ""):
        return ApiReply(body=body)
    return ApiReply(
        body=urlencode(body).encode(),
        headers={"content-type": "application/x-www-form-urlencoded; charset=utf-8"},
    )


# -- Apps from a manifest


@rest.route("POST", "/settings/apps/new")
@rest.route("POST", "/organizations/{owner}/settings/apps/new")
def register(call: Call, ask: ApiRequest) -> ApiReply:
    """Take a manifest, and send the browser back with a code to fetch the App by."""
    manifest = ask.form().get("manifest", "")
    code = secrets.token_hex(10)
    call.world.codes[code] = msgspec.json.encode(
        {"manifest": manifest, "owner": ask.params.get("owner", "")}
    ).decode()
    try:
        address = msgspec.json.decode(manifest)["redirect_url"]
    except (msgspec.DecodeError, KeyError, TypeError) as error:
        raise Refused(422, "The manifest is not valid JSON, or lacks redirect_url.") from error
    return _redirect(address, code=code, state=ask.text("state"))


@rest.route("POST", "/app-manifests/{code}/conversions")
def convert(call: Call, ask: ApiRequest) -> ApiReply:
    """Turn a manifest's code into an App with its secrets, once."""
    kept = call.world.codes.pop(ask.params["code"], None)
    if kept is None or not kept.startswith("{"):
        raise not_found()
    found = msgspec.json.decode(kept)
    manifest = msgspec.json.decode(found["manifest"])
    name = str(manifest.get("name") or "app")
    url = str(manifest.get("hook_attributes", {}).get("url", ""))
    app = create_app_record(
        call.world,
        name.lower().replace(" ", "-"),
        name=name,
        owner=found["owner"] or ensure_owner(call.world).login,
        url=url,
        permissions=manifest.get("default_permissions") or {},
        events=manifest.get("default_events") or [],
    )
    if url:
        hook = Hook(
            url=url,
            secret=app.webhook_secret,
            events=list(app.events),
            app=app.slug,
            id=call.world.new_id(),
        )
        call.world.hooks[hook.id] = hook
        call.world.touch(hook)
    hidden = {
        "client_secret": app.client_secret,
        "webhook_secret": app.webhook_secret if url else None,
        "pem": app.private_key,
    }
    return ApiReply(status=201, body={**integration(wire(call, ask), app), **hidden})


@rest.route("GET", "/apps/{slug}/installations/new")
def install_everywhere(call: Call, ask: ApiRequest) -> ApiReply:
    """Install an App on every owner where it is not yet, at once."""
    app = call.world.apps.get(ask.params["slug"])
    if app is None:
        raise not_found()
    there = {
        one.account
        for one in call.world.installations.values()
        if one.app == app.slug and not one.removed
    }
    owners = dict.fromkeys(repository.owner for repository in call.world.repositories.values())
    made = [install(call.world, app, owner) for owner in owners if owner not in there]
    names = ", ".join(html.escape(one.account) for one in made)
    return ApiReply(body=f"<p>Installed on {names or 'nothing new'}.</p>".encode(), headers=HTML)
