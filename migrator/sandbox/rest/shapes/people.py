"""Accounts."""

from __future__ import annotations

from migrator.sandbox.entities import Account
from migrator.sandbox.names import (
    ACCOUNT_CREATED,
    WEB,
    account_node_id,
    account_path,
    avatar,
    rest_login,
)
from migrator.sandbox.rest.shapes import Json, ShapeContext

_REST_TYPES = {"EnterpriseUserAccount": "User"}


def user(wire: ShapeContext, account: Account) -> Json:
    """Return ``simple-user``."""
    login = rest_login(account)
    url = f"{wire.base}/users/{login}"
    return {
        "login": login,
        "id": account.id,
        "node_id": account_node_id(account),
        "avatar_url": avatar(account),
        "gravatar_id": "",
        "url": url,
        "html_url": WEB + account_path(account),
        "followers_url": f"{url}/followers",
        "following_url": url + "/following{/other_user}",
        "gists_url": url + "/gists{/gist_id}",
        "starred_url": url + "/starred{/owner}{/repo}",
        "subscriptions_url": f"{url}/subscriptions",
        "organizations_url": f"{url}/orgs",
        "repos_url": f"{url}/repos",
        "events_url": url + "/events{/privacy}",
        "received_events_url": f"{url}/received_events",
        "type": _REST_TYPES.get(account.type, account.type),
        "site_admin": False,
    }


def maybe_user(wire: ShapeContext, login: str | None) -> Json | None:
    """Return ``simple-user``, or null for a deleted account."""
    account = wire.world.account(login)
    return None if account is None else user(wire, account)


def whole_user(wire: ShapeContext, account: Account) -> Json:
    """Return ``public-user``: a profile."""
    empty = dict.fromkeys(
        (
            "name",
            "company",
            "location",
            "email",
            "hireable",
            "bio",
            "twitter_username",
            "notification_email",
        )
    )
    counts = {"public_repos": 0, "public_gists": 0, "followers": 0, "following": 0}
    return {
        **user(wire, account),
        **empty,
        "blog": "",
        **counts,
        "created_at": ACCOUNT_CREATED,
        "updated_at": ACCOUNT_CREATED,
    }
