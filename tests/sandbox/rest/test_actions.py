"""A job of GitHub Actions: what its token may do, and what it finds of earlier jobs."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator

import httpx
import pytest

from tests.support.sandbox_server import SMALL, SOURCE, TARGET, Local, build, serving


@pytest.fixture
def local() -> Iterator[Local]:
    """A sandbox of two repositories."""
    with serving(build(SMALL)) as local:
        yield local


@pytest.fixture
def job(local: Local) -> Iterator[httpx.Client]:
    """A client with the token of a job in the source's workflow."""
    made = local.control("POST", "actions/token", json={"repository": SOURCE})
    headers = {"authorization": f"bearer {made['secret']}"}
    with httpx.Client(base_url=local.url, headers=headers) as client:
        yield client


def comment(job: httpx.Client, repository: str) -> httpx.Response:
    """Comment on the first item."""
    return job.post(f"/repos/{repository}/issues/1/comments", json={"body": "Moved"})


def test_a_job_writes_in_its_own_repository_alone(job: httpx.Client) -> None:
    """As `github-actions[bot]`; elsewhere it only reads what is public, and it is no user."""
    posted = comment(job, SOURCE)
    assert posted.status_code == 201
    assert posted.json()["user"]["login"] == "github-actions[bot]"
    refused = comment(job, TARGET)
    assert refused.status_code == 403
    assert refused.json()["message"] == "Resource not accessible by integration"
    assert job.get(f"/repos/{TARGET}/issues/1").status_code == 200
    assert job.get("/user").status_code == 403


def test_a_job_has_a_thousand_points_an_hour(local: Local, job: httpx.Client) -> None:
    """Others keep theirs, and the thousand-and-first point is refused."""
    local.control("POST", "limits", json={"enforced": True, "rest_points_minute": 5000})
    shown = job.get("/rate_limit").json()["resources"]
    assert (shown["core"]["limit"], shown["graphql"]["limit"]) == (1000, 1000)
    assert local.rest("GET", "/rate_limit").json()["resources"]["core"]["limit"] == 5000
    for _ in range(1000):
        job.get("/rate_limit")
    assert job.get(f"/repos/{SOURCE}").status_code == 403


def test_artifacts_say_whose_run_they_are_from_and_lie_on_another_host(
    local: Local, job: httpx.Client
) -> None:
    """A fork's pull request leaves artifacts here, too: its head repository is another one. The
    host of the files wants no token."""
    given = {"repository": SOURCE, "name": "state", "zip": b64encode(b"PK").decode(), "run": 5}
    local.control("POST", "actions/artifact", json=given)
    local.control("POST", "actions/artifact", json=given | {"head": "mallory/mono"})
    found = job.get(f"/repos/{SOURCE}/actions/artifacts", params={"name": "state"}).json()
    ours = [one["workflow_run"]["head_repository_id"] for one in found["artifacts"]]
    home = job.get(f"/repos/{SOURCE}").json()["id"]
    assert found["total_count"] == 2
    assert (ours[0] == home, ours[1] == home) == (False, True)
    reply = job.get(found["artifacts"][0]["archive_download_url"])
    assert reply.status_code == 302
    assert job.get(reply.headers["location"]).status_code == 401
    assert httpx.get(reply.headers["location"]).content == b"PK"


def test_a_run_names_those_who_approved_it(local: Local, job: httpx.Client) -> None:
    """For the environment of one of its jobs."""
    given = {"repository": SOURCE, "run": 5, "login": "walt", "environment": "migration"}
    local.control("POST", "actions/approval", json=given)
    (one,) = job.get(f"/repos/{SOURCE}/actions/runs/5/approvals").json()
    assert (one["user"]["login"], one["state"]) == ("walt", "approved")
    assert job.get(f"/repos/{SOURCE}/actions/runs/6/approvals").json() == []
