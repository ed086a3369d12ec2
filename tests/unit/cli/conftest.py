"""The command line in this process, on a small configuration of its own."""

import os
import shutil
from pathlib import Path

import pytest
from command_line import Cli, Ended, write_people

from accord.cli.main import run


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [n for n in os.environ if n.startswith("ACCORD_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ACCORD_ACTOR", "operator")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("FORCE_COLOR", raising=False)


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    def call(*tokens: str | Path) -> Ended:
        capsys.readouterr()
        code = run([str(token) for token in tokens])
        captured = capsys.readouterr()
        return Ended(int(code), captured.out, captured.err)

    return call


@pytest.fixture(scope="session")
def _cycled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cycled") / "c"
    run(["init", str(folder), "-q"])
    write_people(folder, range(1, 21))
    run(["cycle", "-q", "-c", str(folder)])
    return folder


@pytest.fixture
def project(_cycled: Path, tmp_path: Path) -> Path:
    """Return a folder where twenty persons got their accounts."""
    return Path(shutil.copytree(_cycled, tmp_path / "project"))


@pytest.fixture
def fresh(cli: Cli, tmp_path: Path) -> Path:
    """Return a folder as `accord init` leaves it."""
    cli("init", tmp_path / "fresh")
    return tmp_path / "fresh"
