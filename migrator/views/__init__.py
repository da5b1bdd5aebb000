"""Read models: what pages, the API, ``--json`` and the report show, one file per page. Nothing
here changes a decision or a run."""
