"""A person spoke or acted: a close that waits for its grace to end is cancelled, and the notice says so.

To remove our notice is to act, too: nothing is closed without one.
"""

from __future__ import annotations

from migrator.domain.events import Happened
from migrator.domain.items import Item, State
from migrator.domain.reactions.base import Intent, Reaction, Scope

EVENTS = frozenset(
    {
        "issues.edited",
        "issues.reopened",
        "issue_comment.created",
        "issue_comment.edited",
        "issue_comment.deleted",
        "pull_request.edited",
        "pull_request.reopened",
        "pull_request.synchronize",
        "pull_request.ready_for_review",
        "pull_request.converted_to_draft",
        "pull_request.review_requested",
        "pull_request_review.submitted",
        "pull_request_review.edited",
        "pull_request_review_comment.created",
        "pull_request_review_comment.edited",
    }
)


def of_event(happened: Happened, scope: Scope) -> bool:
    """Whether a webhook may tell of somebody who spoke. Whether it was a person is for the thread to say."""
    return happened.name in EVENTS and scope.knows(happened.repository) and not scope.is_our_bot(happened)


def of_item(item: Item, scope: Scope) -> bool:
    """An open item that changed; in a target repository clearing may be pending."""
    return item.state is State.OPEN and scope.knows(item.repository)


REACTION = Reaction(intent=Intent.SPEECH, of_event=of_event, of_item=of_item)
