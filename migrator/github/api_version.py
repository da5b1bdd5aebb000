"""What GitHub announces about the end of the REST version that we speak. No I/O.

`Deprecation` is a structured date (``@`` and seconds since the epoch, RFC 9745) or, in older
drafts, an HTTP date or ``true``. `Sunset` is an HTTP date (RFC 8594).
https://docs.github.com/rest/about-the-rest-api/api-versions
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from migrator.domain.items import Frozen


class VersionEnd(Frozen, frozen=True, kw_only=True):
    """When a version became deprecated and when it ends; ``None`` where GitHub gives no date."""

    deprecated: datetime | None = None
    sunset: datetime | None = None


def version_end(headers: Mapping[str, str]) -> VersionEnd | None:
    """The end that these (lower-case) headers announce; ``None`` if they announce none."""
    deprecation, sunset = headers.get("deprecation", "").strip(), headers.get("sunset", "").strip()
    if not sunset and deprecation in ("", "false"):
        return None
    return VersionEnd(deprecated=_date(deprecation), sunset=_date(sunset))


def _date(value: str) -> datetime | None:
    try:
        if value.startswith("@"):
            return datetime.fromtimestamp(int(value[1:]), UTC)
        return parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError, OSError):
        return None
