"""What several resources need: the repository or item that a path names."""

from __future__ import annotations

from migrator.sandbox.call import Call
from migrator.sandbox.entities import Item, Repository
from migrator.sandbox.errors import Refused, not_found
from migrator.sandbox.http_messages import ApiRequest
from migrator.sandbox.rest.shapes import ShapeContext


def wire(call: Call, ask: ApiRequest) -> ShapeContext:
    """Return what forms need for this request."""
    return ShapeContext(call.world, ask.base)


def repository(call: Call, ask: ApiRequest) -> Repository:
    """Return the repository of ``/repos/{owner}/{name}/...`` or ``/repositories/{id}/...``.

    Raises:
        Refused: 404.
    """
    if "id" in ask.params:
        found = call.world.repositories_by_id.get(int(ask.params["id"]))
        if found is None:
            raise not_found()
        return found
    return call.world.repository(f"{ask.params['owner']}/{ask.params['name']}")


def list_path(call: Call, ask: ApiRequest, tail: str) -> str:
    """Return the path that links of a list are made of, with the repository's id."""
    return f"/repositories/{repository(call, ask).id}{tail}"


def true_item(call: Call, ask: ApiRequest, *, pull: bool = False) -> Item:
    """Return the item that the path names, as it is.

    Raises:
        Refused: 404 no such item; 410 deleted; 301 transferred, with the new place in ``Location``
        and ``url``.
    """
    number = ask.params["number"]
    home = repository(call, ask)
    try:
        item = call.world.item(home.name, int(number))
    except Refused as refused:
        raise _redirect(call, ask, refused) from None
    if pull and not item.is_pull:
        raise not_found()
    return item


def _redirect(call: Call, ask: ApiRequest, refused: Refused) -> Refused:
    """Give a transfer's 301 its address: by repository id, as GitHub does."""
    moved = refused.headers.pop("moved-to", None)
    if moved is None:
        return refused
    name, _, number = moved.rpartition("/")
    tail = ask.path.partition(f"/issues/{ask.params['number']}")[2]
    refused.headers["location"] = (
        f"{ask.base}/repositories/{call.world.repository(name).id}/issues/{number}{tail}"
    )
    return refused


def seen_item(call: Call, ask: ApiRequest, *, pull: bool = False) -> Item:
    """Return the item that the path names, as this request sees it; raises as :func:`true_item`
    does."""
    return call.see(true_item(call, ask, pull=pull))
