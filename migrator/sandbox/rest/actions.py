"""GitHub Actions: artifacts and the approvals of a run
(https://docs.github.com/rest/actions/artifacts, https://docs.github.com/rest/actions/workflow-runs)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from migrator.sandbox.errors import Refused, not_found
from migrator.sandbox.http_messages import ApiReply, ApiRequest
from migrator.sandbox.rest.common import repository, wire
from migrator.sandbox.rest.paging import page_of
from migrator.sandbox.rest.shapes.people import maybe_user
from migrator.sandbox.routing import rest

if TYPE_CHECKING:
    from migrator.sandbox.actions import Artifact
    from migrator.sandbox.call import Call


@rest.route("GET", "/repos/{owner}/{name}/actions/artifacts")
def list_artifacts(call: Call, ask: ApiRequest) -> ApiReply:
    """List a repository's artifacts, newest first; ``name`` picks those of one name."""
    home, wanted = repository(call, ask), ask.text("name")
    found = [
        one
        for one in reversed(call.world.actions.artifacts.values())
        if one.repository == home.name and wanted in ("", one.name)
    ]
    return page_of(ask, found, lambda one: _artifact(call, ask, one), under="artifacts")


def _artifact(call: Call, ask: ApiRequest, one: Artifact) -> dict[str, Any]:
    home = call.world.repository(one.repository)
    fork = one.head.lower() != home.name.lower()
    return {
        "id": one.id,
        "name": one.name,
        "size_in_bytes": len(one.content),
        "archive_download_url": f"{ask.base}/repos/{home.name}/actions/artifacts/{one.id}/zip",
        "expired": one.expired,
        "created_at": one.created_at,
        "workflow_run": {
            "id": one.run,
            "repository_id": home.id,
            "head_repository_id": home.id + 1_000_000 if fork else home.id,
            "head_branch": one.branch,
        },
    }


@rest.route("GET", "/repos/{owner}/{name}/actions/artifacts/{id}/zip")
def download_artifact(call: Call, ask: ApiRequest) -> ApiReply:
    """Lead to an artifact's file on another host, for a minute; only for who is signed in."""
    if not call.agent.login:
        raise Refused(401, "Requires authentication")
    found = call.world.actions.artifacts.get(int(ask.params.pop("id")))
    home = repository(call, ask)
    if found is None or found.repository != home.name:
        raise not_found()
    if found.expired:
        raise Refused(410, "Artifact has expired")
    place = f"{ask.base}/_sandbox/actions/blob?id={found.id}&sig={found.signature}"
    return ApiReply(status=302, headers={"location": place})


@rest.route("GET", "/repos/{owner}/{name}/actions/runs/{run}/approvals")
def list_approvals(call: Call, ask: ApiRequest) -> ApiReply:
    """List who approved or rejected a run's way to an environment."""
    home, form = repository(call, ask), wire(call, ask)
    return ApiReply(
        body=[
            {
                "state": one.state,
                "comment": "",
                "environments": [{"name": one.environment}],
                "user": maybe_user(form, one.login),
            }
            for one in call.world.actions.approvals
            if (one.repository, str(one.run)) == (home.name, ask.params["run"])
        ]
    )
