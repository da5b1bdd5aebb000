"""What a page is made of, as a browser reads it: its elements with their attributes, and its
text."""

from __future__ import annotations

from html.parser import HTMLParser


class Page(HTMLParser):
    """``elements`` are ``(name, attributes)`` in their order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self._text: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take an element in."""
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        """Take text in."""
        self._text.append(data)

    @property
    def text(self) -> str:
        """All of its text, with single spaces."""
        return " ".join("".join(self._text).split())

    def named(self, tag: str) -> list[dict[str, str]]:
        """Attributes of every element of that name."""
        return [attributes for name, attributes in self.elements if name == tag]
