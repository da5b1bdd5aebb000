"""Addresses and words: how one thing is called in GraphQL, in REST, in webhooks and on the web."""

from __future__ import annotations

from migrator.sandbox.entities import Account, Comment, Item
from migrator.sandbox.ids import node_id

WEB = "https://github.com"
REPOSITORY_CREATED = "2015-01-01T00:00:00Z"
ACCOUNT_CREATED = "2015-01-01T00:00:00Z"

EVENT_TYPES = {
    "closed": "ClosedEvent",
    "reopened": "ReopenedEvent",
    "labeled": "LabeledEvent",
    "unlabeled": "UnlabeledEvent",
    "assigned": "AssignedEvent",
    "unassigned": "UnassignedEvent",
    "milestoned": "MilestonedEvent",
    "demilestoned": "DemilestonedEvent",
    "locked": "LockedEvent",
    "unlocked": "UnlockedEvent",
    "renamed": "RenamedTitleEvent",
    "cross-referenced": "CrossReferencedEvent",
    "connected": "ConnectedEvent",
    "disconnected": "DisconnectedEvent",
    "marked_as_duplicate": "MarkedAsDuplicateEvent",
    "unmarked_as_duplicate": "UnmarkedAsDuplicateEvent",
    "transferred": "TransferredEvent",
    "pinned": "PinnedEvent",
    "unpinned": "UnpinnedEvent",
    "head_ref_force_pushed": "HeadRefForcePushedEvent",
    "review_requested": "ReviewRequestedEvent",
    "review_request_removed": "ReviewRequestRemovedEvent",
    "ready_for_review": "ReadyForReviewEvent",
    "convert_to_draft": "ConvertToDraftEvent",
    "merged": "MergedEvent",
    "referenced": "ReferencedEvent",
    "subscribed": "SubscribedEvent",
    "unsubscribed": "UnsubscribedEvent",
    "mentioned": "MentionedEvent",
    "head_ref_deleted": "HeadRefDeletedEvent",
    "head_ref_restored": "HeadRefRestoredEvent",
    "comment_deleted": "CommentDeletedEvent",
    "review_dismissed": "ReviewDismissedEvent",
    "base_ref_changed": "BaseRefChangedEvent",
}

REST_REACTIONS = {
    "THUMBS_UP": "+1",
    "THUMBS_DOWN": "-1",
    "LAUGH": "laugh",
    "HOORAY": "hooray",
    "CONFUSED": "confused",
    "HEART": "heart",
    "ROCKET": "rocket",
    "EYES": "eyes",
}
GRAPHQL_REACTIONS = {rest: graphql for graphql, rest in REST_REACTIONS.items()}

_ACCOUNT_PREFIX = {
    "User": "U",
    "Bot": "BOT",
    "Organization": "O",
    "Mannequin": "M",
    "EnterpriseUserAccount": "EUA",
}


def item_path(item: Item) -> str:
    """Return ``/owner/name/issues/1`` or ``/owner/name/pull/1``."""
    return f"/{item.repository}/{'pull' if item.is_pull else 'issues'}/{item.number}"


def item_url(item: Item) -> str:
    """Return an item's web address."""
    return WEB + item_path(item)


def comment_url(item: Item, comment: Comment) -> str:
    """Return a comment's web address."""
    return f"{item_url(item)}#issuecomment-{comment.id}"


def account_path(account: Account) -> str:
    """Return an account's place on the web; bots live under ``/apps``."""
    return f"/apps/{account.login}" if account.type == "Bot" else f"/{account.login}"


def account_node_id(account: Account) -> str:
    """Return an account's node id."""
    return node_id(_ACCOUNT_PREFIX[account.type], account.id)


def item_node_id(item: Item) -> str:
    """Return an item's node id."""
    return node_id("PR" if item.is_pull else "I", item.id)


def avatar(account: Account) -> str:
    """Return the address of an account's picture."""
    return f"https://avatars.githubusercontent.com/u/{account.id}?v=4"


def rest_login(account: Account) -> str:
    """Return the login as REST shows it: bots end in ``[bot]``."""
    return f"{account.login}[bot]" if account.type == "Bot" else account.login
