"""What jobs of GitHub Actions leave behind: artifacts, and who approved a run.

Workflows are not run here.
"""

from __future__ import annotations

import secrets

import msgspec


class Artifact(msgspec.Struct, kw_only=True):
    """A file that a job left. ``head`` is the repository that the commit of its run is from: a
    fork's name for a pull request from there."""

    id: int
    repository: str
    name: str
    content: bytes
    run: int
    branch: str
    head: str
    created_at: str
    expired: bool = False
    signature: str = msgspec.field(default_factory=lambda: secrets.token_hex(16))


class RunApproval(msgspec.Struct, kw_only=True):
    """A reviewer let a run go on to an environment."""

    repository: str
    run: int
    login: str
    environment: str
    state: str = "approved"


class Actions:
    """Artifacts by id, and approvals in their order."""

    def __init__(self) -> None:
        self.artifacts: dict[int, Artifact] = {}
        self.approvals: list[RunApproval] = []
