"""Accounts: people, bots, organizations."""

from __future__ import annotations

from typing import Any

from migrator.sandbox.entities import Account
from migrator.sandbox.graphql.tables import ResolverTable
from migrator.sandbox.names import ACCOUNT_CREATED, WEB, account_node_id, account_path, avatar

_all = ResolverTable("User", "Bot", "Mannequin", "Organization", "EnterpriseUserAccount")
_all.attributes(login="login")
_all.put("id", lambda account, info: account_node_id(account))
_all.put("avatarUrl", lambda account, info, size=None: avatar(account))
_all.put("resourcePath", lambda account, info: account_path(account))
_all.put("url", lambda account, info: WEB + account_path(account))
_all.constants(createdAt=ACCOUNT_CREATED, updatedAt=ACCOUNT_CREATED)

_numbered = ResolverTable("User", "Bot", "Mannequin", "Organization")
_numbered.attributes(databaseId="id")

_organization = ResolverTable("Organization")
_organization.attributes(name="login")
_organization.constants(
    description=None, email=None, viewerCanAdminister=False, viewerIsAMember=False
)

ResolverTable("Mannequin").constants(email=None)
_enterprise = ResolverTable("EnterpriseUserAccount")
_enterprise.attributes(name="login")
_enterprise.constants(user=None)

_user = ResolverTable("User")
_user.constants(name=None, email="", company=None, bio=None, isSiteAdmin=False)


@_user.field("isViewer")
def is_viewer(account: Account, info: Any) -> bool:
    """Whether this is who asks."""
    return bool(account.login == info.context.agent.login)


@_user.field("login")
def user_login(account: Account, info: Any) -> str:
    """``viewer`` is typed ``User`` even for an App, whose login then shows its ending."""
    return f"{account.login}[bot]" if account.type == "Bot" else account.login
