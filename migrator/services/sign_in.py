"""Signing in with GitHub: the way out, the way back, and what ties the two together."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass

from pydantic import SecretStr

from migrator.domain.items import Frozen
from migrator.github.oauth import SignedIn, account_of_code, authorize_address


class Departure(Frozen, frozen=True, kw_only=True):
    """One login under way: the address to go to, and what must come back (``state``) or be shown
    then (``verifier``)."""

    address: str
    state: str
    verifier: str


@dataclass(frozen=True)
class SignIn:
    """The App's web flow. ``return_to`` is our own address that GitHub sends people back to."""

    github_url: str
    client_id: str
    client_secret: SecretStr
    return_to: str

    def depart(self) -> Departure:
        """Begin a login."""
        state, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
        digest = hashlib.sha256(verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        address = authorize_address(
            self.github_url, self.client_id, self.return_to, state, challenge
        )
        return Departure(address=address, state=state, verifier=verifier)

    async def arrive(self, code: str, verifier: str) -> SignedIn:
        """The account of whoever came back, with its token. Raises ``AuthenticationError`` and
        ``ServerUnavailable``."""
        secret = self.client_secret.get_secret_value()
        return await account_of_code(
            self.github_url, self.client_id, secret, code, self.return_to, verifier
        )
