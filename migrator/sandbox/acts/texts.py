"""What GitHub accepts as a text."""

from __future__ import annotations

from migrator.sandbox.errors import invalid

LONGEST_BODY = 65_536
LONGEST_TITLE = 256


def check_body(body: str | None, *, resource: str = "IssueComment", blank: bool = False) -> str:
    """Return a body that GitHub takes.

    Raises:
        Refused: 422, it is longer than 65,536 characters, or empty where it may not be.
    """
    text = body or ""
    if len(text) > LONGEST_BODY:
        raise invalid(
            f"Body is too long (maximum is {LONGEST_BODY} characters)",
            resource=resource,
            field="body",
        )
    if not blank and not text.strip():
        raise invalid("Body cannot be blank", resource=resource, field="body", code="missing_field")
    return text


def check_title(title: str | None) -> str:
    """Return a title that GitHub takes.

    Raises:
        Refused: 422, it is empty or longer than 256 characters.
    """
    text = (title or "").strip()
    if not text:
        raise invalid("Title can't be blank", field="title", code="missing_field")
    if len(text) > LONGEST_TITLE:
        raise invalid(f"Title is too long (maximum is {LONGEST_TITLE} characters)", field="title")
    return text
