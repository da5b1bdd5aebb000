"""What a webhook says (https://docs.github.com/webhooks/webhook-events-and-payloads)."""

from __future__ import annotations

from typing import Any

from migrator.sandbox.events import Announcement
from migrator.sandbox.rest.shapes import Json, ShapeContext
from migrator.sandbox.rest.shapes.items import comment, issue
from migrator.sandbox.rest.shapes.people import user
from migrator.sandbox.rest.shapes.pulls import pull_request, review
from migrator.sandbox.rest.shapes.repositories import label, repository


def payload_of(wire: ShapeContext, told: Announcement) -> Json:
    """Return the payload of one event."""
    made: dict[str, Any] = {"action": told.action}
    item, about = told.item, told.about
    if item is not None:
        by_pull = told.event in ("pull_request", "pull_request_review")
        made |= (
            {"number": item.number, "pull_request": pull_request(wire, item)}
            if by_pull
            else {"issue": issue(wire, item)}
        )
        if "comment" in about:
            made["comment"] = comment(wire, item, about["comment"])
        if "review" in about:
            made["review"] = {
                **review(wire, item, about["review"]),
                "state": about["review"].state.lower(),
            }
        if "moved" in about:
            target = wire.world.repository(about["moved"].repository)
            made["changes"] = {
                "new_issue": issue(wire, about["moved"]),
                "new_repository": repository(wire, target),
            }
    if "came_from" in about:
        old_home = wire.world.repository(about["came_from"].repository)
        made["changes"] = {
            "old_issue": issue(wire, about["came_from"]),
            "old_repository": repository(wire, old_home),
        }
    if "renamed_from" in about:
        made["changes"] = {"repository": {"name": {"from": about["renamed_from"]}}}
    if about.get("label") is not None:
        made["label"] = label(wire, told.repository, about["label"])
    if about.get("assignee") is not None:
        made["assignee"] = user(wire, about["assignee"])
    if "before" in about:
        made["changes"] = _changes(told)
    made["repository"] = repository(wire, told.repository)
    owner = wire.world.account(told.repository.owner)
    if owner is not None and owner.type == "Organization":
        made["organization"] = _organization(wire, owner.login, owner.id)
    if told.sender is not None:
        made["sender"] = user(wire, told.sender)
    return made


def _changes(told: Announcement) -> Json:
    """Return what was there before an edit."""
    before = told.about["before"]
    if isinstance(before, str):
        return {"body": {"from": before}}
    item = told.item
    return {
        key: {"from": old}
        for key, old in before.items()
        if item is not None and getattr(item, key) != old
    }


def _organization(wire: ShapeContext, login: str, number: int) -> Json:
    url = f"{wire.base}/orgs/{login}"
    links = {name: f"{url}/{name}" for name in ("repos", "events", "hooks", "issues")}
    return {
        "login": login,
        "id": number,
        "node_id": f"O_{number}",
        "url": url,
        **{f"{name}_url": address for name, address in links.items()},
        "members_url": url + "/members{/member}",
        "public_members_url": url + "/public_members{/member}",
        "avatar_url": f"https://avatars.githubusercontent.com/u/{number}?v=4",
        "description": None,
    }
