"""The intent: configuration as code. A folder of YAML becomes checked rules, and rules become a folder again.

Nothing here touches a connected system, and no secret is read before a system is opened. Kinds of connectors are
given by the caller: this package knows none of them.
"""

from accord.config.diff import ChangeKind, ConfigChange, FieldChange, diff
from accord.config.digest import digest_of
from accord.config.dump import dump, dumped_files
from accord.config.findings import ConfigWarning, Findings
from accord.config.init import init
from accord.config.kinds import Kind, KindCapabilities, KindOf
from accord.config.load import Configuration, load
from accord.config.places import FileKind
from accord.config.schema import json_schemas, schema_text
from accord.config.validate import validate

__all__ = [
    "ChangeKind",
    "ConfigChange",
    "ConfigWarning",
    "Configuration",
    "FieldChange",
    "FileKind",
    "Findings",
    "Kind",
    "KindCapabilities",
    "KindOf",
    "diff",
    "digest_of",
    "dump",
    "dumped_files",
    "init",
    "json_schemas",
    "load",
    "schema_text",
    "validate",
]
