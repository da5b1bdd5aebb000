"""Apps, their installations, and deliveries of their webhooks."""

from __future__ import annotations

from migrator.sandbox.entities import App, Delivery, Installation, Repository
from migrator.sandbox.ids import node_id
from migrator.sandbox.names import WEB
from migrator.sandbox.rest.shapes import Json, ShapeContext
from migrator.sandbox.rest.shapes.people import maybe_user, user
from migrator.sandbox.rights import covers

APP_CREATED = "2015-01-01T00:00:00Z"


def integration(wire: ShapeContext, app: App) -> Json:
    """Return ``integration``: an App as everybody sees it."""
    return {
        "id": app.id,
        "slug": app.slug,
        "client_id": app.client_id,
        "node_id": node_id("A", app.id),
        "owner": maybe_user(wire, app.owner or app.slug),
        "name": app.name,
        "description": None,
        "external_url": f"{WEB}/apps/{app.slug}",
        "html_url": f"{WEB}/apps/{app.slug}",
        "created_at": APP_CREATED,
        "updated_at": APP_CREATED,
        "permissions": app.permissions,
        "events": app.events,
    }


def installation(wire: ShapeContext, found: Installation) -> Json:
    """Return ``installation``."""
    app = wire.world.apps[found.app]
    account = wire.world.account(found.account)
    assert account is not None
    return {
        "id": found.id,
        "account": user(wire, account),
        "access_tokens_url": f"{wire.base}/app/installations/{found.id}/access_tokens",
        "repositories_url": f"{wire.base}/installation/repositories",
        "html_url": f"{WEB}/settings/installations/{found.id}",
        "app_id": app.id,
        "client_id": app.client_id,
        "app_slug": app.slug,
        "target_id": account.id,
        "target_type": "Organization" if account.type == "Organization" else "User",
        "repository_selection": "selected" if found.repositories else "all",
        "permissions": found.permissions,
        "events": app.events,
        "created_at": APP_CREATED,
        "updated_at": APP_CREATED,
        "single_file_name": None,
        "has_multiple_single_files": False,
        "single_file_paths": [],
        "suspended_by": None,
        "suspended_at": APP_CREATED if found.suspended else None,
    }


def installed_repositories(wire: ShapeContext, found: Installation) -> list[Repository]:
    """Return the repositories that an installation includes."""
    return [
        repository for repository in wire.world.repositories.values() if covers(found, repository)
    ]


def delivery_item(found: Delivery) -> Json:
    """Return ``hook-delivery-item``: a delivery without its payload."""
    return {
        "id": found.id,
        "guid": found.guid,
        "delivered_at": found.delivered_at,
        "redelivery": found.redelivery,
        "duration": found.duration,
        "status": "OK"
        if 200 <= found.status_code < 300
        else "failed to connect"
        if not found.status_code
        else "Invalid HTTP Response",
        "status_code": found.status_code,
        "event": found.event,
        "action": found.action,
        "installation_id": found.installation,
        "repository_id": found.repository_id,
        "throttled_at": None,
    }


def delivery(found: Delivery) -> Json:
    """Return ``hook-delivery``."""
    headers = {
        "X-GitHub-Delivery": found.guid,
        "X-GitHub-Event": found.event,
        "Content-Type": "application/json",
    }
    return {
        **delivery_item(found),
        "url": "",
        "request": {"headers": headers, "payload": found.payload},
        "response": {"headers": {}, "payload": found.answer},
    }
