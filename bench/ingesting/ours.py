"""The migrator's own web application on the database of ``BENCH_DATABASE``, without pages."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from migrator.cli.serve import keep_what_is_loaded
from migrator.store.database import open_engine
from migrator.store.deliveries import Deliveries
from migrator.web.app import AppDependencies, create_app

app = create_app(
    AppDependencies(
        store=Deliveries(open_engine(os.environ["BENCH_DATABASE"])).accept,
        secrets=(os.environ["BENCH_SECRET"].encode(),),
        clock=lambda: datetime.now(UTC),
    )
)
keep_what_is_loaded()
