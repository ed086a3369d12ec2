"""The description of the API is what is kept, and what the server does."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from asking import BOOTSTRAP

from accord.api.application import create_app
from accord.api.settings import Provider, Settings
from accord.app import Server
from accord.testing.private_api import PrivateApi
from accord.testing.private_provider import CLIENT, PrivateProvider

KEPT = Path(__file__).parents[3] / "docs" / "reference" / "openapi.json"
# What a schema cannot say is refused with 400: a page too deep, a cursor that is none of ours.
LEFT_OUT = "positive_data_acceptance"
# It goes on for as long as an activity does, and here nobody works on those that are queued.
ENDLESS = "/stream$"


def test_the_description_that_is_kept_is_that_of_the_server(server: Server) -> None:
    made = create_app(server).openapi()
    made["info"]["version"] = "v1"
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    assert made == kept, "it changed: look at the difference, then run scripts/describe_api.py"


def test_every_operation_says_who_may_use_it(server: Server) -> None:
    made = create_app(server).openapi()
    open_to_all = {
        path for path, methods in made["paths"].items() for operation in methods.values() if "security" not in operation
    }
    assert open_to_all == {
        "/api/v1/health", "/api/v1/health/live", "/api/v1/health/ready", "/api/v1/health/version", "/ready",
        "/api/v1/auth/config", "/metrics",
    }  # fmt: skip


def test_every_operation_answers_as_described(server: Server, tmp_path: Path) -> None:
    try_operations(server, tmp_path, "--max-examples", "1", "--phases", "fuzzing")


@pytest.mark.slow
def test_the_server_does_what_the_description_says(server: Server, tmp_path: Path) -> None:
    try_operations(server, tmp_path, "--max-examples", "3", "--phases", "coverage,fuzzing")


def try_operations(server: Server, folder: Path, *how: str) -> None:
    """Send requests made from the description to every operation, and look whether the answers are as it says."""
    with PrivateProvider() as provider:
        known = Provider(authority=provider.authority, client_id=CLIENT)
        settings = Settings(bootstrap_key=BOOTSTRAP, rate_anonymous=0, provider=known)
        app = create_app(server, settings)
        # Made when first asked for, which takes longer than they wait who ask.
        app.openapi()
        with PrivateApi(app) as api:
            asked = subprocess.run(
                [
                    Path(sys.executable).parent / "schemathesis", "run", f"{api.url}/api/v1/openapi.json",
                    "--header", f"X-API-Key: {BOOTSTRAP}", "--workers", "2", "--exclude-checks", LEFT_OUT,
                    "--exclude-path-regex", ENDLESS, "--no-color", "--generation-deterministic", *how,
                ],
                capture_output=True, text=True, cwd=folder, check=False,
            )  # fmt: skip
    # What went wrong stands before pages of warnings.
    begin = min(at for at in map(asked.stdout.find, ("= ERRORS =", "= FAILURES =", "= SUMMARY =")) if at >= 0)
    assert asked.returncode == 0, asked.stdout[begin : begin + 8000]
