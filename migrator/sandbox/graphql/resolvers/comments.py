"""Comments, their edits, and reactions to anything."""

from __future__ import annotations

from typing import Any

from migrator.sandbox.entities import Item, Reaction
from migrator.sandbox.graphql.pages import ConnectionPage, paginate
from migrator.sandbox.graphql.resolvers.items import home
from migrator.sandbox.graphql.tables import ResolverTable
from migrator.sandbox.ids import node_id
from migrator.sandbox.names import WEB, item_path
from migrator.sandbox.rights import Level, association, level, may_triage, wrote
from migrator.sandbox.threads import ThreadPart

_text = ResolverTable("IssueComment", "PullRequestReview")
_text.attributes(body="it.body", lastEditedAt="it.edited_at", databaseId="it.id")
_text.put("fullDatabaseId", lambda part, info: str(part.it.id))
_text.constants(createdViaEmail=False)
_text.put("author", lambda part, info: info.context.world.account(part.it.author))
_text.put("viewerDidAuthor", lambda part, info: wrote(info.context.agent, part.it))
_text.put("includesCreatedEdit", lambda part, info: part.it.edited_at is not None)
_text.put(
    "authorAssociation",
    lambda part, info: association(info.context.world, part.it.author, home(part.home, info)),
)
_text.put("repository", lambda part, info: home(part.home, info))

_comment = ResolverTable("IssueComment")
_comment.attributes(
    createdAt="it.created_at",
    publishedAt="it.created_at",
    updatedAt="it.updated_at",
    isMinimized="it.minimized",
    issue="home",
)
_comment.put("id", lambda part, info: node_id("IC", part.it.id))
_comment.put(
    "editor",
    lambda part, info: info.context.world.account(part.it.editor) if part.it.edited_at else None,
)
_comment.put(
    "minimizedReason",
    lambda part, info: part.it.minimized_reason or ("resolved" if part.it.minimized else None),
)
_comment.put("resourcePath", lambda part, info: f"{item_path(part.home)}#issuecomment-{part.it.id}")
_comment.put("url", lambda part, info: f"{WEB}{item_path(part.home)}#issuecomment-{part.it.id}")
_comment.put("pullRequest", lambda part, info: part.home if part.home.is_pull else None)


@_text.field("viewerCanReact")
def viewer_can_react(part: ThreadPart, info: Any) -> bool:
    """Not on a locked conversation, below triage."""
    return not part.home.locked or may_triage(info.context.agent, home(part.home, info))


@_text.field("viewerCanUpdate")
@_text.field("viewerCanDelete")
@_text.field("viewerCanMinimize")
def viewer_can_change(part: ThreadPart, info: Any) -> bool:
    """Its author, and whoever may write."""
    agent = info.context.agent
    return not agent.read_only and (
        wrote(agent, part.it) or level(agent, home(part.home, info)) >= Level.WRITE
    )


# -- edits

_edit = ResolverTable("UserContentEdit")
_edit.attributes(
    createdAt="it.edited_at", editedAt="it.edited_at", updatedAt="it.edited_at", diff="it.body"
)
_edit.constants(deletedAt=None, deletedBy=None)
_edit.put("editor", lambda part, info: info.context.world.account(part.it.editor))
_edit.put("id", lambda part, info: node_id("UCE", part.it.sequence, part.home.id))


def _edits(owner: Any, paging: dict[str, Any]) -> ConnectionPage:
    """Newest first, as on GitHub."""
    found = [ThreadPart(owner, edit, "UserContentEdit") for edit in reversed(owner.edits)]
    return paginate(found, lambda part: [part.it.edited_at, part.it.sequence], **paging)


@_comment.field("userContentEdits")
def comment_edits(part: ThreadPart, info: Any, **paging: Any) -> ConnectionPage:
    """The changes that a comment has seen."""
    return _edits(part.it, paging)


@ResolverTable("Issue", "PullRequest").field("userContentEdits")
def item_edits(item: Item, info: Any, **paging: Any) -> ConnectionPage:
    """The changes that a body has seen."""
    return _edits(item, paging)


# -- reactions

_CONTENTS = ("THUMBS_UP", "THUMBS_DOWN", "LAUGH", "HOORAY", "CONFUSED", "HEART", "ROCKET", "EYES")

_reaction = ResolverTable("Reaction")
_reaction.attributes(
    content="it.content", createdAt="it.created_at", databaseId="it.id", reactable="home"
)
_reaction.put("id", lambda part, info: node_id("REA", part.it.id))
_reaction.put("user", lambda part, info: _person(info.context.world.account(part.it.user)))


def _person(account: Any) -> Any:
    """``Reaction.user`` is a ``User``: it is null for bots and deleted accounts."""
    return account if account is not None and account.type == "User" else None


def reactions_of(source: Item | ThreadPart) -> list[Reaction]:
    """Return the reactions to an item, or to a part of one."""
    found: list[Reaction] = source.reactions if isinstance(source, Item) else source.it.reactions
    return found


_reactable = ResolverTable("Issue", "PullRequest", "IssueComment", "PullRequestReview")


@_reactable.field("reactions")
def reactions(
    source: Item | ThreadPart,
    info: Any,
    content: str | None = None,
    orderBy: dict[str, str] | None = None,
    **paging: Any,
) -> ConnectionPage:
    """Reactions, oldest first."""
    found = [reaction for reaction in reactions_of(source) if content in (None, reaction.content)]
    if orderBy is not None and orderBy["direction"] == "DESC":
        found.reverse()
    page = paginate(
        [ThreadPart(source, reaction, "Reaction") for reaction in found],
        lambda part: part.it.id,
        **paging,
    )
    login = info.context.agent.login
    page.extra = {"viewerHasReacted": any(reaction.user == login for reaction in found)}
    return page


@_reactable.field("reactionGroups")
def reaction_groups(source: Item | ThreadPart, info: Any) -> list[dict[str, Any]]:
    """Reactions by content; every content has a group, also an empty one."""
    return groups(source, info.context.agent.login)


def groups(source: Item | ThreadPart, login: str) -> list[dict[str, Any]]:
    """Return the ``ReactionGroup`` of every content."""
    made = []
    for content in _CONTENTS:
        found = [reaction for reaction in reactions_of(source) if reaction.content == content]
        mine = any(reaction.user == login for reaction in found)
        first = found[0].created_at if found else None
        made.append(
            {
                "content": content,
                "createdAt": first,
                "subject": source,
                "viewerHasReacted": mine,
                "found": found,
            }
        )
    return made


_group = ResolverTable("ReactionGroup")
for _name in ("content", "createdAt", "subject", "viewerHasReacted"):
    _group.put(_name, lambda group, info, _name=_name: group[_name])


@_group.field("reactors")
def reactors(group: dict[str, Any], info: Any, **paging: Any) -> ConnectionPage:
    """Who left this reaction, and when."""
    world = info.context.world
    by_id = {
        account.id: reaction
        for reaction in group["found"]
        if (account := world.account(reaction.user)) is not None
    }
    page = paginate(
        [world.accounts_by_id[number] for number in by_id], lambda account: account.id, **paging
    )
    page.edge = lambda account: {"reactedAt": by_id[account.id].created_at}
    return page
