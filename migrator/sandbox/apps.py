"""GitHub Apps: one is there from the start, installed on every owner of the world's
repositories."""

from __future__ import annotations

import secrets
import time
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from migrator.sandbox.entities import Account, App, Installation, Token
from migrator.sandbox.world import World

SLUG = "sandbox-migrator"
PERMISSIONS = {"issues": "write", "pull_requests": "write", "metadata": "read", "contents": "read"}
EVENTS = [
    "issues",
    "issue_comment",
    "pull_request",
    "pull_request_review",
    "pull_request_review_comment",
    "label",
    "installation",
    "repository",
]
TOKEN_SECONDS = 3600


def new_key() -> str:
    """Return a new private key as GitHub gives it: RSA, PKCS#1, PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
    ).decode()


def create_app_record(
    world: World,
    slug: str,
    *,
    name: str = "",
    owner: str = "",
    url: str = "",
    permissions: dict[str, str] | None = None,
    events: list[str] | None = None,
) -> App:
    """Register an App and its bot account."""
    number = world.new_id()
    app = App(
        id=number,
        slug=slug,
        name=name or slug,
        owner=owner,
        client_id=f"Iv1.{number:016x}",
        client_secret=secrets.token_hex(20),
        webhook_secret=secrets.token_hex(20),
        webhook_url=url,
        private_key=new_key(),
        permissions=dict(PERMISSIONS if permissions is None else permissions),
        events=list(EVENTS if events is None else events),
    )
    world.apps[slug] = app
    world.touch(app)
    world.add_account(Account(login=slug, type="Bot", app=slug))
    return app


def install(
    world: World, app: App, owner: str, repositories: list[str] | None = None
) -> Installation:
    """Install an App on an account: on all its repositories, or on some."""
    made = Installation(
        id=world.new_id(),
        app=app.slug,
        account=owner,
        permissions=dict(app.permissions),
        repositories=list(repositories or ()),
    )
    world.installations[made.id] = made
    world.touch(made)
    return made


def ensure_app(world: World) -> App:
    """Return the world's first App; where there is none, one is made and installed everywhere."""
    if world.apps:
        return next(iter(world.apps.values()))
    owners = list(dict.fromkeys(repository.owner for repository in world.repositories.values()))
    app = create_app_record(world, SLUG, owner=owners[0] if owners else "")
    for owner in owners:
        install(world, app, owner)
    return app


def key_file(app: App, folder: Path) -> Path:
    """Write an App's private key to a file that only its owner may read, and return the file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{app.slug}.private-key.pem"
    path.touch(mode=0o600)
    path.write_text(app.private_key)
    return path


def new_installation_token(
    world: World, installation: Installation, *, read_only: bool = False
) -> Token:
    """Return a token that acts for an installation for an hour of real time."""
    token = Token(
        secret=f"ghs_{secrets.token_hex(18)}",
        installation=installation.id,
        expires=time.time() + TOKEN_SECONDS,
    )
    token.read_only = read_only
    world.tokens[token.secret] = token
    world.touch(token)
    return token
