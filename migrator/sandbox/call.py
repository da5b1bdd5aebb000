"""One request: who asks, what of the world they see, and what is remembered of it afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from migrator.sandbox.entities import Item
from migrator.sandbox.errors import Refused
from migrator.sandbox.listings import Listings
from migrator.sandbox.rights import Agent

if TYPE_CHECKING:
    from migrator.sandbox.world import World

View = Callable[[Item], Item]


class Call:
    """The context of one request; resolvers and routes get it.

    ``seen`` collects, by item key, the newest sequence of the item that this request was shown;
    ``reads`` is what the same account had been shown by earlier requests.
    """

    def __init__(
        self,
        world: World,
        agent: Agent,
        reads: dict[tuple[str, str], int],
        listings: Listings,
        view: View | None = None,
    ) -> None:
        self.world = world
        self.agent = agent
        self.reads = reads
        self.listings = listings
        self.view = view
        self.seen: dict[str, int] = {}
        self.primary: dict[str, dict[str, int]] = {}
        self.redeliveries: list[int] = []
        self.labels_lost = False
        self.fail_at: int | None = None
        self.cost = 1
        self.nodes = 0
        self.writes = 0
        self.limits: dict[str, Any] = {}
        self.headers: dict[str, str] = {}

    def see(self, item: Item) -> Item:
        """Return the item as this request sees it (older than it is, where reads lag), and
        remember that it did."""
        shown = self.view(item) if self.view is not None else item
        self.seen[shown.key] = shown.sequence
        return shown

    def see_now(self, item: Item) -> Item:
        """Return the item as it is: the answer to a write shows what the write made of it."""
        self.seen[item.key] = item.sequence
        return item

    def drops_labels(self) -> bool:
        """Return whether labels are to be silently dropped (a fault)."""
        return self.labels_lost

    def begin_write(self) -> None:
        """Count one mutation of this request.

        Raises:
            Refused: a fault lets this one fail.
        """
        self.writes += 1
        if self.fail_at == self.writes - 1:
            raise Refused(500, "Something went wrong while executing your query.", "INTERNAL")

    def last_read(self, item: Item) -> int:
        """Return the newest sequence of an item that the account had been shown before this
        request."""
        return self.reads.get((self.agent.login, item.key), 0)

    def remember(self) -> None:
        """Once the answer is on its way: what was shown counts as read."""
        for key, sequence in self.seen.items():
            self.reads[self.agent.login, key] = sequence
