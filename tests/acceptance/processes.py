"""The command line on a world, as a process of its own."""

import os
import subprocess
import sys
from dataclasses import dataclass

from accord.cli.exit_codes import ExitCode
from worlds import World

_LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
sys.argv[1:] = sys.argv[2:]
from accord.cli.main import main
main()
"""


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str


def accord(world: World, *tokens: str, file_bytes: int | None = None) -> Ended:
    """Run a command on a world, which is closed for it; no file may grow beyond `file_bytes`, as on a full disk."""
    world.close()
    kept = {k: v for k, v in os.environ.items() if not k.startswith("ACCORD_")}
    store = {} if world.url is None else {"ACCORD_DATABASE_URL": world.url}
    start = ["-m", "accord"] if file_bytes is None else ["-c", _LIMITED, str(file_bytes)]
    done = subprocess.run(
        [sys.executable, *start, *tokens, "-c", str(world.folder)],
        env={**kept, **store, "COLUMNS": "200", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return Ended(code=done.returncode, out=done.stdout, err=done.stderr)


def refused(ended: Ended, code: ExitCode, place: str) -> str:
    """Return what a command said that ended so, after checking that it named the place and a remedy, once."""
    assert ended.code == code, ended.err
    assert ended.err.startswith("error["), ended.err
    assert place in ended.err, ended.err
    assert ended.err.count("\n  remedy: ") == 1, ended.err
    return ended.err
