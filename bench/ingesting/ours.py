"""The migrator's own web application on the database of ``BENCH_DATABASE``, without pages."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from migrator.cli.serve import keep_what_is_loaded
from migrator.store.deliveries import Deliveries
from migrator.store.engine import open_engine
from migrator.web.app import Tools, create_app

app = create_app(
    Tools(
        store=Deliveries(open_engine(os.environ["BENCH_DATABASE"])).accept,
        secrets=(os.environ["BENCH_SECRET"].encode(),),
        clock=lambda: datetime.now(UTC),
    )
)
keep_what_is_loaded()
