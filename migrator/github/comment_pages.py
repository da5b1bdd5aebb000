"""The comments of one thread, from the newest back, none of them missing: a notice that is
overlooked would be posted twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

from migrator.domain.items import Comment
from migrator.errors import IncompleteReply
from migrator.github.completeness import thread_gap
from migrator.github.errors import understood
from migrator.github.page_size import PageSize, ask_sized
from migrator.github.parsing import items
from migrator.github.queries.items import COMMENTS
from migrator.github.transport import Transport


class CommentPages:
    """Reads one thread back, page by page."""

    def __init__(self, wire: Transport, subject_id: str) -> None:
        self._wire = wire
        self._subject_id = subject_id
        self._size = PageSize(least=1)
        self._before: str | None = None
        self._first_total = -1

    async def back_to(self, horizon: datetime | None) -> AsyncIterator[Comment]:
        """Comments, newest first, until one is older than ``horizon``, or the thread's beginning.

        Raises ``NotFound`` if the thread is gone, ``IncompleteReply`` if GitHub does not show all
        of it.
        """
        read = 0
        while True:
            comments, older = await ask_sized(self._size, self._page)
            read += len(comments)
            for comment in reversed(comments):
                yield comment
            if horizon is not None and comments and comments[0].created_at < horizon:
                return
            if not older:
                break
        if read < self._first_total:
            raise IncompleteReply(
                f"GitHub shows {read} comments of {self._first_total}", status=200
            )

    async def _page(self, number: int, attempts: int | None) -> tuple[list[Comment], bool]:
        """The ``number`` comments before those that were read, oldest first, and whether there
        are older ones."""
        variables = {"id": self._subject_id, "before": self._before, "last": number}
        node = (await self._wire.ask(COMMENTS, variables, attempts=attempts)).at(
            "node", f"item {self._subject_id}"
        )
        with understood("Comments", writes=False):
            page = node["comments"]
            gap = thread_gap(page, number if self._before is None else 0)
            older = gap is None and page["pageInfo"]["hasPreviousPage"]
            if gap is None and older and len(page["nodes"]) < number:
                raise IncompleteReply(f"{len(page['nodes'])} comments of {number}", status=200)
            if gap is not None:
                raise IncompleteReply(gap.words, status=200)
            self._first_total = page["totalCount"] if self._first_total < 0 else self._first_total
            if older and page["pageInfo"]["startCursor"] == self._before:
                raise IncompleteReply("GitHub shows a page of comments again", status=200)
            self._before = page["pageInfo"]["startCursor"]
            return [items.comment(entry) for entry in page["nodes"]], older
