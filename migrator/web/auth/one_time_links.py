"""One-time links: whoever reads the terminal of this machine may open what it serves."""

from __future__ import annotations

import hmac
import secrets
import threading
from collections.abc import Callable


class OneTimeLinks:
    """Links to ``path`` that open it once each. ``tell`` is called with every new one, to print
    it."""

    def __init__(
        self, address: str, tell: Callable[[str], None], *, path: str = "/login/once"
    ) -> None:
        self._address = f"{address.rstrip('/')}{path}"
        self._tell = tell
        self._word = ""
        self._lock = threading.Lock()

    def offer(self) -> str:
        """Make a new link, void the former one, and tell it."""
        with self._lock:
            self._word = secrets.token_urlsafe(24)
        link = f"{self._address}?word={self._word}"
        self._tell(link)
        return link

    def use(self, word: str) -> bool:
        """Whether the word is that of the present link, which is void from now on; the next one
        is told at once."""
        with self._lock:
            fits = bool(self._word) and hmac.compare_digest(word.encode(), self._word.encode())
            if fits:
                self._word = ""
        if fits:
            self.offer()
        return fits
