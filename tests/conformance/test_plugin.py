"""The sample connector that plug-in authors copy passes the suite, and mypy --strict."""

import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

SAMPLE = Path(__file__).parents[1] / "typing" / "plugin_connector.py"


def _sample():
    spec = spec_from_file_location("plugin_connector", SAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class TestPlugin(_sample().MemorySuite):
    pass


def test_the_sample_type_checks() -> None:
    root = SAMPLE.parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", str(SAMPLE)], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
