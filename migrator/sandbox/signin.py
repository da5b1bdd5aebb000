"""Who asks: from the ``Authorization`` header to an agent.

``sandbox-LOGIN`` authenticates as that account; ``sandbox-LOGIN:read`` as the same account with a
token that only reads. Installation tokens and tokens made through the control surface are looked
up. A JSON web token is an App itself
(https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app).
"""

from __future__ import annotations

import binascii
import time
from base64 import b64decode
from functools import lru_cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from migrator.sandbox.entities import Account, App, Token
from migrator.sandbox.errors import Refused
from migrator.sandbox.rights import Agent
from migrator.sandbox.world import World

PREFIX = "sandbox-"
NOBODY = Account(login="", id=1)
LONGEST_JWT_SECONDS = 600
ALLOWED_DRIFT_SECONDS = 60
_NUMERIC = "must be a numeric value representing"


def bearer(header: str) -> str:
    """Return the secret in an ``Authorization`` header: ``token X``, ``bearer X``, or the
    password of ``basic``."""
    scheme, _, rest = header.strip().partition(" ")
    if scheme.lower() in ("token", "bearer"):
        return rest.strip()
    if scheme.lower() == "basic":
        try:
            return b64decode(rest).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return ""


def bad_credentials() -> Refused:
    """Return the refusal of wrong, expired or revoked credentials."""
    return Refused(401, "Bad credentials")


def agent_for(world: World, secret: str) -> Agent:
    """Return who acts with a token.

    Raises:
        Refused: 401, nobody does.
    """
    token = world.tokens.get(secret)
    if token is not None:
        return _from_token(world, token)
    login, _, limit = secret.removeprefix(PREFIX).partition(":")
    account = world.account(login) if secret.startswith(PREFIX) else None
    if (
        account is None
        or limit not in ("", "read")
        or account.login.lower() in world.access.expired
    ):
        raise bad_credentials()
    return Agent(account=account, read_only=limit == "read")


def _from_token(world: World, token: Token) -> Agent:
    if token.revoked or (token.expires and token.expires < time.time()):
        raise bad_credentials()
    if not token.installation:
        account = world.account(token.login)
        if account is None or account.login.lower() in world.access.expired:
            raise bad_credentials()
        return Agent(account=account, read_only=token.read_only)
    installation = world.installations.get(token.installation)
    bot = world.account(installation.app) if installation is not None else None
    if installation is None or installation.removed or bot is None:
        raise bad_credentials()
    if installation.suspended:
        raise Refused(403, "This installation has been suspended")
    return Agent(account=bot, installation=installation, read_only=token.read_only)


def app_for(world: World, secret: str) -> App:
    """Return the App that signed a JSON web token.

    Raises:
        Refused: 401, in GitHub's words.
    """
    try:
        claimed = str(jwt.decode(secret, options={"verify_signature": False}).get("iss", ""))
    except jwt.PyJWTError as error:
        raise Refused(401, "A JSON web token could not be decoded") from error
    app = next(
        (app for app in world.apps.values() if claimed in (str(app.id), app.client_id)), None
    )
    if app is None:
        raise Refused(401, "'Issuer' claim ('iss') must be an Integer")
    _check(secret, app, time.time() + world.access.clock_offset)
    return app


@lru_cache(maxsize=32)
def _public_key(private_key: str) -> Any:
    """Return the key that checks what a private key signed; reading an RSA key takes a tenth of
    a second."""
    return load_pem_private_key(private_key.encode(), None).public_key()


def _check(secret: str, app: App, now: float) -> None:
    """Check signature and times by GitHub's clock; these are real times, whatever the world's
    clock says."""
    try:
        claims = jwt.decode(
            secret,
            _public_key(app.private_key),
            algorithms=["RS256"],
            options={
                "verify_aud": False,
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
        expires, issued = float(claims.get("exp", 0)), float(claims.get("iat", 0))
    except (jwt.PyJWTError, TypeError, ValueError) as error:
        raise Refused(401, "A JSON web token could not be decoded") from error
    if expires < now - ALLOWED_DRIFT_SECONDS:
        raise Refused(
            401,
            f"'Expiration time' claim ('exp') {_NUMERIC} the future time at which the assertion "
            "expires",
        )
    if issued > now + ALLOWED_DRIFT_SECONDS:
        raise Refused(
            401,
            "'Issued at' claim ('iat') must be an Integer representing the time that the "
            "assertion was issued",
        )
    if expires > now + LONGEST_JWT_SECONDS + ALLOWED_DRIFT_SECONDS:
        raise Refused(401, "'Expiration time' claim ('exp') is too far in the future")
