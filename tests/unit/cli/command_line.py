"""What tests of the command line share."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


Cli = Callable[..., Ended]


def write_people(folder: Path, numbers: range, *, department: str = "sales") -> None:
    lines = ["employee_id,first_name,last_name,department,hire_date,manager_id,status"]
    lines += [f"{n},First{n},Last{n},{department},01.03.2015,,active" for n in numbers]
    (folder / "data" / "people.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
