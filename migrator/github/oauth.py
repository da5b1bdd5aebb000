"""Signing people in by the App's web flow: where to send the browser, and whose the code is that it
comes back with.

https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import httpx
import msgspec

from migrator.domain.items import Frozen
from migrator.errors import AuthenticationError, ServerUnavailable
from migrator.github.http_messages import endpoints

TIMEOUT = 10.0
"""Seconds; GitHub cuts at ten."""
AGENT = "migrator"


def authorize_address(
    base_url: str, client_id: str, redirect_to: str, state: str, challenge: str
) -> str:
    """Where to send the browser. ``challenge`` is the PKCE challenge (RFC 7636, method S256) of
    the code to come."""
    query = {
        "client_id": client_id,
        "redirect_uri": redirect_to,
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "allow_signup": "false",
    }
    return f"{endpoints(base_url).web}/login/oauth/authorize?{urlencode(query)}"


class SignedIn(Frozen, frozen=True):
    """A GitHub account and its ``token``, which GitHub ends after eight hours. ``id`` stays when
    the login changes, and no other account ever gets it. Never printed: ``repr`` hides the token.

    https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/refreshing-user-access-tokens
    """

    login: str
    id: int
    token: str

    def __repr__(self) -> str:
        return f"SignedIn(login={self.login!r}, id={self.id})"


async def account_of_code(
    base_url: str, client_id: str, client_secret: str, code: str, redirect_to: str, verifier: str
) -> SignedIn:
    """The account of whoever came back with this code, with the token that GitHub gave for it. A
    refresh token is not kept.

    Raises ``AuthenticationError`` for a wrong, used or expired code, ``ServerUnavailable`` if
    GitHub does not answer.
    """
    where = endpoints(base_url)
    form = {
        "client_id": client_id,
        "client_secret": client_secret,
        "code": code,
        "redirect_uri": redirect_to,
        "code_verifier": verifier,
    }
    headers = {"accept": "application/json", "user-agent": AGENT}
    async with httpx.AsyncClient(timeout=TIMEOUT, headers=headers) as client:
        body = await _asked(client, "POST", f"{where.web}/login/oauth/access_token", data=form)
        token = body.get("access_token")
        if not isinstance(token, str) or not token:
            raise AuthenticationError(
                f"GitHub did not accept the login: {body.get('error_description') or 'no token'}"
            )
        who = await _asked(
            client, "GET", f"{where.rest}/user", headers={"authorization": f"Bearer {token}"}
        )
    login, number = who.get("login"), who.get("id")
    if not isinstance(login, str) or not login or not isinstance(number, int):
        raise AuthenticationError("GitHub did not say who signed in")
    return SignedIn(login, number, token)


async def _asked(
    client: httpx.AsyncClient, method: str, address: str, **options: Any
) -> dict[str, Any]:
    try:
        reply = await client.request(method, address, **options)
        body = msgspec.json.decode(reply.content)
    except (httpx.HTTPError, msgspec.DecodeError) as error:
        raise ServerUnavailable(
            f"GitHub did not answer the login: {type(error).__name__}"
        ) from error
    if reply.status_code >= 500:
        raise ServerUnavailable("GitHub did not answer the login", status=reply.status_code)
    if reply.status_code >= 400 or not isinstance(body, dict):
        raise AuthenticationError("GitHub did not accept the login", status=reply.status_code)
    return body
