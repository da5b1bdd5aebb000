"""What happens to pull requests besides closing and merging: pushes, reviews, drafts."""

from __future__ import annotations

from migrator.sandbox.acts.states import record
from migrator.sandbox.acts.texts import check_body
from migrator.sandbox.entities import ChangedPath, Commit, Item, Pull, Review
from migrator.sandbox.errors import forbidden, invalid
from migrator.sandbox.ids import commit_oid
from migrator.sandbox.notifications import send_mails
from migrator.sandbox.rights import Agent, Level, level, require_write, wrote
from migrator.sandbox.world import World

VERDICTS = ("APPROVED", "CHANGES_REQUESTED", "COMMENTED")


def pull_of(item: Item) -> Pull:
    """Return an item's pull request part.

    Raises:
        Refused: 422 it is an issue.
    """
    if item.pull is None:
        raise invalid("Not a pull request", resource="PullRequest")
    return item.pull


def push(
    world: World,
    agent: Agent,
    item: Item,
    message: str = "",
    paths: list[str] | None = None,
    at: str = "",
) -> Commit:
    """Push a commit to a pull request's branch. ``at`` is what its author's machine dated it, now
    if empty.

    Raises:
        Refused: 403 neither author nor write; 422 an issue.
    """
    pull = pull_of(item)
    _require_own(world, agent, item)
    with world.change(item) as sequence:
        now = world.clock.text()
        oid = commit_oid(item.key, len(pull.commits), now, sequence)
        commit = Commit(
            author=agent.login,
            committed_at=at or now,
            message=message or "Update",
            oid=oid,
            sequence=sequence,
        )
        pull.commits.append(commit)
        known = {changed.path for changed in pull.paths}
        pull.paths += [
            ChangedPath(path=path, additions=1) for path in paths or () if path not in known
        ]
    world.count("push", item, agent.login)
    world.announce("pull_request", "synchronize", item.repository, agent.login, item)
    return commit


def force_push(world: World, agent: Agent, item: Item) -> None:
    """Force-push a pull request's branch; raises as :func:`push` does."""
    _require_own(world, agent, item)
    pull = pull_of(item)
    with world.change(item) as sequence:
        record(world, agent, item, "head_ref_force_pushed", sequence, before=pull.commits[-1].oid)
        pull.commits[-1].oid = commit_oid(item.key, sequence)
        pull.commits[-1].committed_at = world.clock.text()
    world.count("force_push", item, agent.login)
    world.announce("pull_request", "synchronize", item.repository, agent.login, item)


def review(
    world: World, agent: Agent, item: Item, state: str = "COMMENTED", body: str = ""
) -> Review:
    """Submit a review; ``state`` is GraphQL's word.

    Raises:
        Refused: 403 locked to the agent; 422 unknown state, or approving one's own.
    """
    pull = pull_of(item)
    repository = world.repository(item.repository)
    require_write(agent, repository, item)
    if item.locked and level(agent, repository) < Level.WRITE:
        raise forbidden("Unable to create review because pull request is locked.")
    if state not in VERDICTS or (state != "COMMENTED" and wrote(agent, item)):
        raise invalid(
            "Can not approve your own pull request", resource="PullRequestReview", field="event"
        )
    text = check_body(body, resource="PullRequestReview", blank=True)
    with world.change(item) as sequence:
        made = Review(
            author=agent.login,
            state=state,
            body=text,
            submitted_at=world.clock.text(),
            sequence=sequence,
        )
        made.id = world.new_id()
        pull.reviews.append(made)
        world.review_home[made.id] = item
        pull.review_requests = [login for login in pull.review_requests if login != agent.login]
        send_mails(world, "review", item, agent.login, sequence, text)
    world.count("review", item, agent.login)
    world.announce(
        "pull_request_review", "submitted", item.repository, agent.login, item, review=made
    )
    return made


def request_review(world: World, agent: Agent, item: Item, login: str) -> Item:
    """Ask somebody for a review; raises as :func:`push` does."""
    _require_own(world, agent, item)
    pull = pull_of(item)
    if login not in pull.review_requests:
        with world.change(item) as sequence:
            pull.review_requests.append(login)
            record(world, agent, item, "review_requested", sequence, detail=login)
        world.count("request_review", item, agent.login)
        world.announce("pull_request", "review_requested", item.repository, agent.login, item)
    return item


def set_draft(world: World, agent: Agent, item: Item, *, draft: bool) -> Item:
    """Make a pull request a draft, or ready for review; raises as :func:`push` does."""
    _require_own(world, agent, item)
    pull = pull_of(item)
    if pull.draft is not draft:
        with world.change(item) as sequence:
            pull.draft = draft
            record(
                world, agent, item, "convert_to_draft" if draft else "ready_for_review", sequence
            )
        world.count("convert_to_draft" if draft else "ready_for_review", item, agent.login)
        action = "converted_to_draft" if draft else "ready_for_review"
        world.announce("pull_request", action, item.repository, agent.login, item)
    return item


def delete_branch(world: World, agent: Agent, item: Item) -> Item:
    """Delete the head branch of a closed pull request, which then cannot be reopened."""
    _require_own(world, agent, item)
    pull = pull_of(item)
    if not pull.head_deleted:
        with world.change(item) as sequence:
            pull.head_deleted = True
            record(world, agent, item, "head_ref_deleted", sequence)
        world.count("delete_branch", item, agent.login)
    return item


def _require_own(world: World, agent: Agent, item: Item) -> None:
    """Refuse who is neither the author nor may write."""
    repository = world.repository(item.repository)
    require_write(agent, repository, item)
    if not wrote(agent, item) and level(agent, repository) < Level.WRITE:
        raise forbidden("Must have push access to the pull request's branch.")
