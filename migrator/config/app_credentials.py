"""The GitHub App that ``/setup`` made, kept in one file of this machine and read as settings by
every command.

GitHub shows an App's private key once. It is written before anything else is done with it: into a
new file that only its owner may read, whole or not at all. What the environment says of signing in
comes first: then the kept App is not used.
"""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path
from typing import Any, Final

import msgspec
from pydantic.fields import FieldInfo
from pydantic_settings import PydanticBaseSettingsSource

from migrator.errors import ConfigError

DEFAULT: Final = ".migrator/app.json"
_SIGNING_IN: Final = ("github_token", "github_app_id", "github_private_key")


class AppCredentials(msgspec.Struct, frozen=True, kw_only=True):
    """An App with its secrets, and the GitHub (``github_url``) at which it was made. Never
    printed: ``repr`` hides them."""

    github_url: str
    github_app_id: int
    github_private_key: str
    webhook_secret: str = ""
    oauth_client_id: str = ""
    oauth_client_secret: str = ""
    session_secret: str = ""
    public_url: str = ""

    def __repr__(self) -> str:
        return f"AppCredentials(github_url={self.github_url!r}, github_app_id={self.github_app_id})"


def require_place(path: Path) -> None:
    """Make the folder of ``path``, for its owner only. Raises :class:`ConfigError` if a new file
    cannot be kept there."""
    if path.exists():
        cure = (
            "remove it if that App is not used any more, or name another file in MIGRATOR_APP_FILE"
        )
        raise ConfigError(f"{path} holds another App already", cure=cure)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path.parent):
            return
    except OSError as error:
        cure = "make the folder writable, or name another file in MIGRATOR_APP_FILE"
        raise ConfigError(
            f"the App's key cannot be kept in {path.parent}: {error.strerror}", cure=cure
        ) from error


def save(path: Path, app: AppCredentials) -> None:
    """Write an App down for good, whole or not at all. Raises :class:`ConfigError` if the file
    exists or cannot be written."""
    require_place(path)
    content = msgspec.json.format(msgspec.json.encode(app), indent=2) + b"\n"
    try:
        with tempfile.NamedTemporaryFile(
            dir=path.parent, prefix=f".{path.name}-"
        ) as draft:  # made with mode 0600
            draft.write(content)
            draft.flush()
            os.fsync(draft.fileno())
            os.link(draft.name, path)  # unlike a rename, it never replaces a file
    except OSError as error:
        cure = (
            "make a new private key on the App's page, and name it in "
            "MIGRATOR_GITHUB_PRIVATE_KEY_FILE"
        )
        raise ConfigError(
            f"the App's key could not be written to {path}: {error.strerror}", cure=cure
        ) from error


def read(path: Path) -> AppCredentials | None:
    """The App that is kept in a file, ``None`` if there is no such file.

    Raises :class:`ConfigError` for a file that others may read, or that holds no App.
    """
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise ConfigError(
                f"{path} holds a private key, and others may read it",
                cure=f"run `chmod 600 {path}`",
            )
        return msgspec.json.decode(path.read_bytes(), type=AppCredentials)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as error:
        cause = getattr(error, "strerror", None) or "it is not what `/setup` writes"
        raise ConfigError(
            f"{path} cannot be read: {cause}",
            cure="fix it, or set MIGRATOR_APP_FILE to another file",
        ) from None


class AppCredentialsSource(PydanticBaseSettingsSource):
    """Gives the kept App's values where the environment names no way to sign in, at the GitHub
    where it was made."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Not used: the values belong together and come together."""
        del field
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        """The App's values by field name; none if it does not apply."""
        said = self.current_state
        if any(said.get(name) for name in _SIGNING_IN):
            return {}
        app = self._kept(Path(said.get("app_file") or DEFAULT))
        address = said.get("github_url") or self.settings_cls.model_fields["github_url"].default
        if app is None or app.github_url != str(address).rstrip("/"):
            return {}
        return {
            name: value
            for name, value in msgspec.structs.asdict(app).items()
            if value and name != "github_url"
        }

    def _kept(self, path: Path) -> AppCredentials | None:
        """The App in the file. Settings that leave out its key do without a file that this
        process may not read."""
        if getattr(self.settings_cls, "unread", None) and not os.access(path, os.R_OK):
            return None
        return read(path)
