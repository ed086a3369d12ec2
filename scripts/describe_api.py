"""Writes the description of the API to docs/reference/openapi.json, which a test compares."""

import json
import sys
import tempfile
from pathlib import Path

from accord.api.application import create_app
from accord.app import open_server

TARGET = Path(__file__).parent.parent / "docs" / "reference" / "openapi.json"


def described() -> str:
    """Return the description as it is kept."""
    with tempfile.TemporaryDirectory() as folder, open_server(Path(folder)) as server:
        made = create_app(server).openapi()
    made["info"]["version"] = "v1"
    return json.dumps(made, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    TARGET.write_text(described(), encoding="utf-8")
    sys.stdout.write(f"wrote {TARGET}\n")
