"""The command that examines whether Accord can work here."""

from functools import partial

from accord.cli.exit_codes import ExitCode
from accord.cli.options import DEFAULTS, Options
from accord.cli.output import Answer, give


def doctor(*, options: Options = DEFAULTS) -> int:
    """Examine whether Accord can work here: Python, libraries, data folder, store, systems, secrets, disk."""
    from accord.app import find_places, load_configuration, opener
    from accord.cli.tables.checks import examined_table
    from accord.operations.doctor import Finding, Patient, examine

    places_of = partial(find_places, options.config, options.data)
    patient = Patient(
        load=lambda: load_configuration(options.config),
        opener=lambda loaded: opener(loaded, places_of(declared=loaded.data_folder).data),
        data=lambda loaded: places_of(declared=loaded.data_folder if loaded else None).data,
        url=places_of().url,
    )
    findings = tuple(examine(patient))
    give(Answer(data=findings, rows=findings, table=lambda: [examined_table(findings)]), options)
    return ExitCode.FAILED if any(f.finding is Finding.FAILED for f in findings) else ExitCode.OK
