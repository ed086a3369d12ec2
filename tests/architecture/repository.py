"""What the repository holds, without asking git: a copy of it is tested as well."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("src", "tests", "docs", "demo", "benchmarks", "scripts", ".ci")
_MADE = {"__pycache__", "node_modules"}


def files() -> Iterator[Path]:
    """Yield every text file that people write."""
    for path in sorted(ROOT.iterdir()):
        if path.is_file() and path.name not in {"constraints.txt", ".git"}:
            yield path
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and not _MADE & set(path.parts) and _is_text(path):
                yield path


def modules(folder: str = "src/accord") -> Iterator[Path]:
    yield from (p for p in sorted((ROOT / folder).rglob("*.py")) if not _MADE & set(p.parts))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _is_text(path: Path) -> bool:
    return b"\0" not in path.read_bytes()[:4096]
