"""Where the credentials of a request come from. Values never appear in ``repr``, logs or errors."""

from __future__ import annotations

from typing import Protocol


class Tokens(Protocol):
    """Gives the token for the next request."""

    async def token(self) -> str:
        """A token that is good now. Raises :class:`~migrator.errors.AuthenticationError` if none
        can be had."""
        ...

    @property
    def renews(self) -> bool:
        """Whether a refused token can be replaced by asking again."""
        ...

    def forget(self, token: str) -> None:
        """GitHub refused ``token``: do not give it out again, if there can be another."""
        ...


class StaticToken:
    """A personal access token, or the token that a workflow run is given: one for good."""

    def __init__(self, value: str) -> None:
        self._value = value

    def __repr__(self) -> str:
        return "StaticToken(...)"

    async def token(self) -> str:
        """The token."""
        return self._value

    renews = False

    def forget(self, token: str) -> None:
        """There is no other."""
