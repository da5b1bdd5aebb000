"""Where an item went and who may do what, through every answer that GitHub gives for what has
moved."""

from __future__ import annotations

import pytest

from migrator.errors import NotFound
from migrator.github.client import GitHubClient
from migrator.github.models import Permission
from migrator.github.tokens import StaticToken
from tests.github.conftest import ScriptedServer

ITEM = {
    "repository_url": "https://api.github.com/repos/new/home",
    "number": 7,
    "node_id": "I_7",
    "html_url": "https://github.com/new/home/issues/7",
}
ALLOWED = {"role_name": "triage", "permission": "read"}


@pytest.mark.parametrize("status", [301, 307, 308])
async def test_a_redirect_is_followed_to_its_place(scripted: ScriptedServer, status: int) -> None:
    """By all three words that GitHub has for it."""
    moved = scripted.answers(
        status, {"message": "Moved"}, location=f"{scripted.url}/repositories/1/x"
    )
    async with GitHubClient(scripted.url, StaticToken("t")) as client:
        scripted.plays(moved, scripted.answers(200, ITEM))
        found = await client.whereabouts("old/home", 1)
        assert found is not None
        assert (found.repository, found.number, found.id) == ("new/home", 7, "I_7")
        scripted.plays(moved, scripted.answers(200, ALLOWED))
        assert await client.permission("old/home", "tria") is Permission.TRIAGE


@pytest.mark.parametrize("status", [301, 307, 308, 404, 410])
async def test_what_leads_nowhere_is_no_place_and_no_right(
    scripted: ScriptedServer, status: int
) -> None:
    """A redirect without a place, an item that was deleted, an account that does not exist."""
    scripted.plays(scripted.answers(status, {"message": "Gone"}))
    async with GitHubClient(scripted.url, StaticToken("t")) as client:
        assert await client.whereabouts("old/home", 1) is None
        assert await client.permission("old/home", "nobody") is Permission.NONE


async def test_a_circle_of_redirects_ends(scripted: ScriptedServer) -> None:
    """After a few steps, with an error that says so."""
    scripted.plays(scripted.answers(301, {"message": "Moved"}, location=f"{scripted.url}/again"))
    async with GitHubClient(scripted.url, StaticToken("t")) as client:
        with pytest.raises(NotFound, match="in a circle"):
            await client.whereabouts("old/home", 1)
