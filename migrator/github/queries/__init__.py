"""One file per question that we ask GitHub."""
