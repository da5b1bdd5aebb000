"""The HTTP status of each error of ours."""

from __future__ import annotations

import pytest

from migrator.errors import ComputeUnavailable, DatabaseError, MigratorError
from migrator.web.middleware import status_of


@pytest.mark.parametrize("error", [ComputeUnavailable("no process began"), DatabaseError("gone")])
def test_what_this_machine_lacks_for_a_while_is_unavailable(error: MigratorError) -> None:
    """Whoever asks may ask again; it is no fault of the question."""
    assert status_of(error, "GET") == 503
    assert status_of(error, "POST") == 503
