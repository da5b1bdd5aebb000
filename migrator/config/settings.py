"""Settings from the environment: where the database and GitHub are, and the secrets. Nothing
else reads the environment."""

from __future__ import annotations

import os
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import (
    Field,
    PositiveInt,
    SecretStr,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from migrator.config.app_credentials import DEFAULT as APP_FILE
from migrator.config.app_credentials import AppCredentialsSource
from migrator.config.secret_files import SUFFIX, SecretFiles, file_variables
from migrator.config.validation_errors import suggestion
from migrator.errors import ConfigError

PREFIX = "MIGRATOR_"
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
REFERENCE = "every variable is explained in docs/configuration.md (`migrator docs configuration`)"

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


SHORTEST_SECRET = 32
"""Bytes of a key that signs sessions."""


class Settings(BaseSettings):
    """What the environment says. Secrets are of a type that prints as stars; read one with
    ``get_secret_value()``, late."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
    )

    unread: ClassVar[frozenset[str]] = frozenset()
    """Fields that are not read from anywhere, whoever gives them."""

    database_url: SecretStr = SecretStr("sqlite:///.migrator/migrator.sqlite")
    """SQLAlchemy URL of the database: an SQLite file or `postgresql+psycopg://...`. A
    secret, as it may hold a password."""
    move_to: SecretStr | None = None
    """URL of the new, empty database, for `migrator db move` alone. A secret, as it may hold
    a password."""
    github_url: Text = "https://api.github.com"
    """Base URL of GitHub's REST API. GitHub Enterprise: `https://HOST/api/v3`."""
    github_token: SecretStr | None = None
    """Personal access token. Enough for reading and for a trial; a GitHub App is better for
    acting."""
    github_app_id: PositiveInt | None = None
    """Id of the GitHub App that acts."""
    github_private_key: SecretStr | None = None
    """Private key of the App, in PEM format."""
    app_file: Text = APP_FILE
    """File in which `/setup` of `migrator serve` keeps the App that it made, for its owner's eyes
    only. Its values count where no other variable names a token or an App, and only at the GitHub
    where it was made."""
    cut_off_seconds: Annotated[float, Field(ge=0)] = 20.0
    """After a write without a reply: seconds until it has surely ended (GitHub cuts at 10 s).
    Less than 15 only for a sandbox."""
    read_lag_seconds: Annotated[float, Field(ge=0)] = 10.0
    """Seconds until a write is surely visible to reads. Less than 5 only for a sandbox."""
    worker_silence_seconds: Annotated[float, Field(gt=0)] = 30.0
    """After so many seconds without a heartbeat another worker takes over what a worker was
    doing."""
    clock_scale: Annotated[float, Field(ge=1)] = 1.0
    """How many times faster than real time limits run. More than 1 only for a sandbox, whose
    `--limits scaled:N` it matches."""
    webhook_secret: SecretStr | None = None
    """Secret that GitHub signs webhooks with."""
    webhook_secret_previous: SecretStr | None = None
    """The secret before the last change, accepted beside the new one until every delivery signed
    with it has arrived."""
    session_secret: SecretStr | None = None
    """Key that signs the dashboard's sessions, at least 32 bytes (`openssl rand -hex 32`)."""
    session_secret_previous: SecretStr | None = None
    """The key before the last change, so that people stay logged in."""
    oauth_client_id: Text | None = None
    """Client id of the App, for logging in to the dashboard."""
    oauth_client_secret: SecretStr | None = None
    """Client secret of the App, for logging in to the dashboard."""
    dashboard_readers: Literal["triage", "everybody"] = "triage"
    """Who may see plans that nobody has approved, the people that a plan mails, and the audit log:
    people with triage rights or more, or `everybody` who is signed in."""
    public_url: Text | None = None
    """URL at which people reach the dashboard (`https://migrator.example.org`), if another
    one than it listens at."""

    @field_validator("github_url")
    @classmethod
    def _is_safe_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if not parts.hostname or parts.scheme not in ("http", "https"):
            raise ValueError("not a URL; example: https://api.github.com")
        if parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise ValueError(
                "would send credentials unencrypted; use https (plain http is for this machine "
                "only)"
            )
        return value.rstrip("/")

    @field_validator("github_private_key")
    @classmethod
    def _is_pem(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and "PRIVATE KEY-----" not in value.get_secret_value():
            raise ValueError(
                "not a PEM private key; download one from the App's page and name it in "
                "MIGRATOR_GITHUB_PRIVATE_KEY_FILE"
            )
        return value

    @field_validator("session_secret", "session_secret_previous")
    @classmethod
    def _is_long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value().encode()) < SHORTEST_SECRET:
            raise ValueError(
                f"shorter than {SHORTEST_SECRET} bytes, so that it could be guessed; make one "
                "with: openssl rand -hex 32"
            )
        return value

    @model_validator(mode="after")
    def _app_is_whole(self) -> Settings:
        if self.github_app_id and not self.github_private_key:
            raise ValueError(
                "MIGRATOR_GITHUB_APP_ID needs a key; set MIGRATOR_GITHUB_PRIVATE_KEY_FILE to the "
                "App's .pem file"
            )
        if self.github_private_key and not self.github_app_id:
            raise ValueError(
                "MIGRATOR_GITHUB_PRIVATE_KEY needs an App; set MIGRATOR_GITHUB_APP_ID to the "
                "number on the App's page"
            )
        return self

    @model_validator(mode="after")
    def _is_patient(self) -> Settings:
        if not self.on_loopback and (self.cut_off_seconds < 15 or self.read_lag_seconds < 5):
            raise ValueError(
                "MIGRATOR_CUT_OFF_SECONDS below 15 and MIGRATOR_READ_LAG_SECONDS below 5 risk a "
                "second notice;"
                " they are for a sandbox on this machine only"
            )
        if not self.on_loopback and self.clock_scale > 1:
            raise ValueError(
                "MIGRATOR_CLOCK_SCALE above 1 breaks GitHub's limits; it is for a sandbox on "
                "this machine only"
            )
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment, then files that it names, then a kept App. No
        ``.env`` file is read by itself."""
        del dotenv_settings, file_secret_settings
        return (
            init_settings,
            env_settings,
            SecretFiles(settings_cls),
            AppCredentialsSource(settings_cls),
        )

    @property
    def can_sign_in(self) -> bool:
        """Whether there is a way to sign in to GitHub: a token, or an App with its key."""
        return self.github_token is not None or self.github_private_key is not None

    @property
    def on_loopback(self) -> bool:
        """Whether GitHub's URL is this machine: a sandbox."""
        return urlsplit(self.github_url).hostname in LOOPBACK


class WebSettings(Settings):
    """Settings of a process that strangers reach: nothing by which one can write at GitHub is
    read, even where it is given.

    The App's id stays: it names the budget that the worker spends.
    """

    unread = frozenset({"github_token", "github_private_key"})

    @model_validator(mode="before")
    @classmethod
    def _without_keys(cls, given: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in given.items() if name not in cls.unread}

    @model_validator(mode="after")
    def _app_is_whole(self) -> WebSettings:
        return self


def keys_in_reach() -> tuple[str, ...]:
    """Variables of this environment that hold or name what :class:`WebSettings` does not read."""
    names = (f"{PREFIX}{name.upper()}" for name in sorted(WebSettings.unread))
    return tuple(
        variable
        for name in names
        for variable in (name, f"{name}{SUFFIX}")
        if os.environ.get(variable)
    )


def load_settings(kind: type[Settings] = Settings) -> Settings:
    """The settings of this environment.

    Raises ``ConfigError`` that names every wrong or misspelt variable with its fix, and never its
    value.
    """
    known = [
        *(f"{PREFIX}{name.upper()}" for name in Settings.model_fields),
        *file_variables(Settings),
    ]
    problems = [f"{name}: unknown variable; {hint}" for name, hint in _misspelt(known)]
    try:
        settings = kind()
    except ValidationError as error:
        problems += [_sentence(tuple(details["loc"]), details["msg"]) for details in error.errors()]
    if problems:
        raise ConfigError("; ".join(problems), cure=REFERENCE)
    return settings


def _misspelt(known: list[str]) -> list[tuple[str, str]]:
    """Variables that nearly are ours. Others are let be: Kubernetes sets MIGRATOR_PORT for a
    service ``migrator``."""
    strangers = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)
    return [
        (name, hint)
        for name in strangers
        if (hint := suggestion(name, known, cutoff=0.88)).startswith("did you mean")
    ]


def _sentence(place: tuple[int | str, ...], message: str) -> str:
    cause = message.removeprefix("Value error, ").replace("Input should be", "must be")
    return f"{PREFIX}{str(place[0]).upper()}: {cause}" if place else cause
