"""How many requests does a migration take, and how long at a network's pace? See
:mod:`bench.request_counts`.

    python bench/requests.py [--sizes 200,1000,10000] [--json]

A script's folder comes first where Python looks for modules, so while another benchmark runs as a
script, libraries that `import requests` find this file. It steps aside for them.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:] = [place for place in sys.path if Path(place).resolve() != HERE]

if __name__ == "requests":
    del sys.modules["requests"]
    import_module("requests")
elif __name__ == "__main__":
    sys.path.insert(0, str(HERE.parent))
    sys.exit(import_module("bench.request_counts").main())
