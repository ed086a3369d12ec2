"""The commands about jobs, as a process of its own."""

import json
import os
import subprocess
import sys
from typing import Any

from worlds import World


def jobs_command(world: World, *tokens: str) -> Any:
    """Run `accord jobs ...`; return what it answers."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("ACCORD_")}
    store = {} if world.url is None else {"ACCORD_DATABASE_URL": world.url}
    done = subprocess.run(
        [sys.executable, "-m", "accord", "jobs", *tokens, "-o", "json", "-c", str(world.folder)],
        env={**kept, **store}, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
