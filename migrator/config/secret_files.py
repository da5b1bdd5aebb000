"""Secrets by file: ``MIGRATOR_GITHUB_TOKEN_FILE=/run/secrets/token`` stands for the variable
without ``_FILE``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from migrator.config.toml_types import bare
from migrator.errors import ConfigError

SUFFIX = "_FILE"


def is_secret(field: FieldInfo) -> bool:
    """Whether a setting holds a secret, and so may be given by file."""
    return bare(field.annotation) is SecretStr


def file_variables(settings: type[BaseSettings]) -> tuple[str, ...]:
    """Names of all variables that name a file with a secret."""
    prefix = settings.model_config.get("env_prefix") or ""
    return tuple(
        f"{prefix}{name}".upper() + SUFFIX
        for name, field in settings.model_fields.items()
        if is_secret(field)
    )


class SecretFiles(PydanticBaseSettingsSource):
    """Reads each secret from the file that its ``_FILE`` variable names, without the line end that
    editors add.

    Raises ``ConfigError`` for a file that cannot be read or is empty, or if the secret is given
    both ways.
    """

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """``(secret or None, field name, False)``: a secret is never parsed as JSON."""
        prefix = self.config.get("env_prefix") or ""
        variable = f"{prefix}{field_name}".upper()
        path = os.environ.get(variable + SUFFIX, "")
        unread: frozenset[str] = getattr(self.settings_cls, "unread", frozenset())
        if not path or not is_secret(field) or field_name in unread:
            return None, field_name, False
        if os.environ.get(variable):
            raise ConfigError(
                f"{variable} and {variable}{SUFFIX} are both set", cure="keep one of them"
            )
        return _read(Path(path), variable + SUFFIX), field_name, False

    def __call__(self) -> dict[str, Any]:
        """Every secret that is given by file, by field name."""
        found = {
            name: self.get_field_value(field, name)[0]
            for name, field in self.settings_cls.model_fields.items()
        }
        return {name: value for name, value in found.items() if value is not None}


def _read(path: Path, variable: str) -> SecretStr:
    try:
        text = path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        cause = getattr(error, "strerror", None) or "not text"
        raise ConfigError(
            f"{variable} names {path}, which cannot be read: {cause}",
            cure="mount the file, or correct the path",
        ) from None
    if not text:
        raise ConfigError(f"{variable} names {path}, which is empty", cure="put the secret into it")
    return SecretStr(text)
