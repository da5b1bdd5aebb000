"""Lists the licences of what the package needs at run time, and refuses those that would bind our
users.

``--table`` prints every distribution; without it only the count and the refused ones.
"""

from __future__ import annotations

import re
import sys
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

ROOT = Path(__file__).parent.parent
REFUSED = re.compile(
    r"\b(AGPL|SSPL|BUSL|GPL-[23]|GPLv[23]|GNU General Public|GNU Affero)", re.IGNORECASE
)


def main(arguments: list[str]) -> int:
    """Print the list; 1 if a licence is refused. Distributions that this platform does not need
    are passed over."""
    names = re.findall(
        r"^([A-Za-z0-9._-]+)==",
        (ROOT / "requirements/runtime.lock").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    licences = {name: found for name in dict.fromkeys(names) if (found := _licence(name))}
    refused = {name: licence for name, licence in licences.items() if REFUSED.search(licence)}
    for name, licence in (licences if "--table" in arguments else refused).items():
        print(f"{name}: {licence}")
    print(f"licences: {len(licences)} distributions, {len(refused)} refused")
    return 1 if refused else 0


def _licence(name: str) -> str:
    """What the distribution says of itself: its licence expression, else its classifiers, else
    its free text's first line."""
    try:
        about = metadata(name)
    except PackageNotFoundError:
        return ""
    expression = about.get_all("License-Expression", [])
    classifiers = [
        line.rpartition(" :: ")[2]
        for line in about.get_all("Classifier", [])
        if line.startswith("License ::")
    ]
    text = [line for line in about.get_all("License", []) if line.strip()] or ["unknown"]
    return ", ".join(expression or classifiers) or text[0].strip().splitlines()[0]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
