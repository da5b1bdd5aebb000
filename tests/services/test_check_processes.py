"""`check` warns where one process answers strangers and holds what writes at GitHub."""

from __future__ import annotations

import pytest

from migrator.config.settings import Settings
from migrator.services.check import is_reached, process_findings

KEY = {
    "github_app_id": 7,
    "github_private_key": "-----BEGIN RSA PRIVATE KEY-----",
}
WEB = {"webhook_secret": "hook", "session_secret": "s" * 32, "oauth_client_secret": "client"}
PUBLIC = "https://migrator.example.org"


def codes(**given: object) -> list[str]:
    """Codes of what is found in an environment."""
    return [found.code for found in process_findings(Settings.model_validate(given))]


@pytest.mark.parametrize("secret", WEB)
def test_a_key_beside_a_secret_of_the_web_is_warned_of(secret: str) -> None:
    """Where others reach the process, by whatever it answers."""
    assert codes(**KEY, **{secret: WEB[secret]}, public_url=PUBLIC) == ["processes.one"]
    assert codes(github_token="ghp_x", **{secret: WEB[secret]}, public_url=PUBLIC) == [
        "processes.one"
    ]


def test_two_environments_and_one_machine_are_not() -> None:
    """A worker may share the public URL with the web; on this machine nobody else comes in."""
    assert codes(**KEY, public_url=PUBLIC) == []
    assert codes(**WEB, public_url=PUBLIC) == []
    assert codes(**KEY, **WEB) == []
    assert codes(**KEY, **WEB, public_url="http://localhost:8080") == []


@pytest.mark.parametrize(
    ("host", "reached"),
    [("127.0.0.1", False), ("::1", False), ("0.0.0.0", True), ("10.1.2.3", True)],
)
def test_where_it_listens_tells_who_comes_in(host: str, reached: bool) -> None:
    """Loopback is this machine; everything else is others."""
    assert is_reached(Settings(), host) is reached
