"""PyGithub, unchanged, pointed at the sandbox."""

from __future__ import annotations

import github as pygithub
import pytest

from tests.support.sandbox_server import SOURCE, Local


def client(sandbox: Local, login: str = "root") -> pygithub.Github:
    """PyGithub signed in as an account; it neither waits between requests nor retries."""
    auth = pygithub.Auth.Token(f"sandbox-{login}")
    return pygithub.Github(
        base_url=sandbox.url,
        auth=auth,
        retry=None,
        seconds_between_requests=0,
        seconds_between_writes=0,
    )


def test_it_lists_every_issue_page_by_page(github: Local) -> None:
    """Paging by ``Link`` reaches all, pull requests included."""
    for number in range(12):
        github.act("amy", "open_issue", title=f"More {number}")
    hub = client(github)
    hub.per_page = 5
    numbers = [
        issue.number
        for issue in hub.get_repo(SOURCE).get_issues(state="all", sort="created", direction="asc")
    ]
    assert sorted(numbers) == list(range(1, 17))


def test_it_reads_a_thread(github: Local) -> None:
    """Comments, events, timeline, labels, reactions and people come back whole."""
    issue = client(github).get_repo(SOURCE).get_issue(1)
    assert [comment.body for comment in issue.get_comments()] == [
        "Which version?",
        "Me too",
        "Stale?",
    ]
    assert {event.event for event in issue.get_events()} == {
        "labeled",
        "assigned",
        "milestoned",
        "renamed",
    }
    assert [event.event for event in issue.get_timeline()][-1] == "commented"
    assert [reaction.content for reaction in issue.get_reactions()] == ["+1"]
    assert issue.milestone is not None
    assert issue.milestone.title == "1.0"
    assert issue.user.login == "amy"


def test_it_comments_labels_closes_reopens_and_locks(github: Local) -> None:
    """Every write of a migration works by REST."""
    repository = client(github).get_repo(SOURCE)
    issue = repository.get_issue(1)
    comment = issue.create_comment("Moved to its new home.")
    comment.edit("Moved.")
    issue.add_to_labels("moved")
    issue.edit(state="closed", state_reason="not_planned")
    issue.lock("resolved")
    seen = github.item(1)
    assert seen["comments"][-1]["body"] == "Moved."
    assert (seen["state"], seen["state_reason"], seen["lock_reason"]) == (
        "closed",
        "not_planned",
        "resolved",
    )
    assert "moved" in seen["labels"]
    issue.unlock()
    issue.edit(state="open")
    issue.remove_from_labels("moved")
    assert github.item(1)["state"] == "open"


def test_it_reads_pull_requests_and_their_files(github: Local) -> None:
    """Files, commits and reviews of a pull request."""
    pull = client(github).get_repo(SOURCE).get_pull(2)
    assert [changed.filename for changed in pull.get_files()] == ["widget/core.py"]
    assert pull.get_commits().totalCount == 1
    assert [review.state for review in pull.get_reviews()] == ["APPROVED"]


def test_it_asks_for_permissions_files_and_limits(github: Local) -> None:
    """What a check needs."""
    hub = client(github)
    repository = hub.get_repo(SOURCE)
    assert repository.get_collaborator_permission("tria") == "read"
    assert repository.get_collaborator_role_name("tria") == "triage"
    workflow = repository.get_contents(".github/workflows/stale.yml")
    assert not isinstance(workflow, list)
    assert b"schedule" in workflow.decoded_content
    assert hub.get_rate_limit().resources.core.limit == 5000
    assert hub.get_user().login == "root"


def test_it_works_as_an_installation_of_an_app(github: Local) -> None:
    """JSON web token, installation, token: what the App writes is its bot's."""
    app = github.app
    auth = pygithub.Auth.AppInstallationAuth(
        pygithub.Auth.AppAuth(app.id, app.private_key), installation_id=88
    )
    hub = pygithub.Github(base_url=github.url, auth=auth, retry=None)
    issue = hub.get_repo(SOURCE).get_issue(1)
    assert issue.create_comment("By the App").user.login == "butler[bot]"
    integration = pygithub.GithubIntegration(
        auth=pygithub.Auth.AppAuth(app.id, app.private_key), base_url=github.url
    )
    assert integration.get_repo_installation(*SOURCE.split("/")).id == 88
    assert github.item(1)["comments"][-1]["author"] == "butler"


@pytest.mark.parametrize("login", ["nobody-here", ""])
def test_wrong_credentials_are_refused(github: Local, login: str) -> None:
    """401 is what PyGithub knows as bad credentials."""
    with pytest.raises(pygithub.BadCredentialsException):
        client(github, login).get_repo(SOURCE)
