"""Whose token is this?"""

from __future__ import annotations

from migrator.github.document import query

VIEWER = query("Viewer", "", "viewer { __typename id databaseId login }")
