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
        Refused: 404; 301 renamed (307 for what is no GET), with the way by its id in ``Location``.
    """
    if "id" in ask.params:
        found = call.world.repositories_by_id.get(int(ask.params["id"]))
        if found is None:
            raise not_found()
    else:
        found = _by_name(call, ask)
    call.world.access.admit(call.agent, found.name)
    return found


def _by_name(call: Call, ask: ApiRequest) -> Repository:
    name = f"{ask.params['owner']}/{ask.params['name']}"
    found = call.world.renamed(name)
    if found is None:
        return call.world.repository(name)
    place = f"{ask.base}/repositories/{found.id}{ask.path.removeprefix(f'/repos/{name}')}"
    status, words = (
        (301, "Moved Permanently") if ask.method == "GET" else (307, "Temporary Redirect")
    )
    raise Refused(status, words, headers={"location": place})


def list_path(call: Call, ask: ApiRequest, tail: str) -> str:
    """Return the path that links of a list are made of, with the repository's id."""
    return f"/repositories/{repository(call, ask).id}{tail}"


def true_item(call: Call, ask: ApiRequest, *, pull: bool = False) -> Item:
    """Return the item that the path names, as it is.

    Raises:
        Refused: 404 no such item; 410 deleted; 301 transferred, with the new place in ``Location``
        and ``url``; 404 anything below the number of a transferred one.
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
    """Give a transfer's 301 its address: by repository id, as GitHub does.

    Only the issue itself is redirected, for reads and writes; its comments and events answer 404,
    or 301 with an empty ``Location`` (https://github.com/Systemorph/MeshWeaver/issues/4629,
    https://github.com/golang/build/pull/26).
    """
    moved = refused.headers.pop("moved-to", None)
    if moved is None:
        return refused
    name, _, number = moved.rpartition("/")
    if ask.path.partition(f"/issues/{ask.params['number']}")[2]:
        if call.world.transfers.below_old_number == "not_found":
            return not_found()
        refused.headers["location"] = ""
        return refused
    refused.headers["location"] = (
        f"{ask.base}/repositories/{call.world.repository(name).id}/issues/{number}"
    )
    return refused


def seen_item(call: Call, ask: ApiRequest, *, pull: bool = False) -> Item:
    """Return the item that the path names, as this request sees it; raises as :func:`true_item`
    does."""
    return call.see(true_item(call, ask, pull=pull))
