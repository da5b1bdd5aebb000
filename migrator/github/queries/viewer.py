"""Whose token is this?"""

from __future__ import annotations

from migrator.github.document import query

VIEWER_FIELDS = "viewer { __typename id databaseId login }"

VIEWER = query("Viewer", "", VIEWER_FIELDS)
