"""The reference of the file connectors names every setting and every code."""

import re
from pathlib import Path

import pytest

from accord.connectors.base import ConnectorKind
from accord.connectors.csv import KIND as CSV
from accord.connectors.excel import KIND as EXCEL

ROOT = Path(__file__).parents[3]
CODES = re.compile(r'(?:_Refused\(\s*|code=)"([A-Z_]+)"')


@pytest.mark.parametrize("kind", [CSV, EXCEL], ids=lambda kind: kind.name)
def test_every_setting_is_documented_with_its_default(kind: ConnectorKind) -> None:
    reference = (ROOT / "docs" / "reference" / f"connectors-{kind.name}.md").read_text(encoding="utf-8")
    documented = dict(re.findall(r"^\| `([a-z_]+)` \| ((?:\\\||[^|])+) \|", reference, flags=re.MULTILINE))
    assert set(documented) == set(kind.settings.model_fields)
    for name, field in kind.settings.model_fields.items():
        if not field.is_required() and field.default is not None:
            shown = str(field.default).lower() if isinstance(field.default, bool) else str(field.default)
            assert documented[name].strip("`").replace("\\|", "|") == shown


def test_every_code_is_documented() -> None:
    references = "".join(
        (ROOT / "docs" / "reference" / f"connectors-{name}.md").read_text(encoding="utf-8") for name in ("csv", "excel")
    )
    folders = [ROOT / "src" / "accord" / "connectors" / name for name in ("csv", "excel", "tables")]
    sources = [path.read_text(encoding="utf-8") for folder in folders for path in folder.glob("*.py")]
    codes = {code for source in sources for code in CODES.findall(source)}
    assert "NOT_FOUND" in codes
    assert {code for code in codes if f"`{code}`" not in references} == set()
