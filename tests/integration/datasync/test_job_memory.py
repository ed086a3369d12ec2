"""The memory of jobs is where the server's store is: on PostgreSQL a schema for each job, and no file."""

from pathlib import Path

import psycopg
import pytest

from accord.app import open_server
from accord.operations.datasync import jobs, providers
from accord.testing.private_postgres import PrivatePostgres
from offices import Office, excel, table_job, text_file


@pytest.mark.postgresql
def test_each_job_remembers_in_a_schema_of_its_own(postgres_server: PrivatePostgres, tmp_path: Path) -> None:
    url = postgres_server.create_database()
    with open_server(tmp_path / "data", url) as server:
        office = Office(server=server, folder=tmp_path)
        with server.writing("ann") as context:
            providers.create_provider(context, excel(office.workbook))
            providers.create_provider(context, text_file(tmp_path / "out.csv"))
        office.fill([("Ann", "Lee", "1"), ("Bob", "Ray", "2")], ("First", "Last", "No"))
        job = office.create(table_job())

        first, second = office.run(job), office.run(job)

        assert (first.counts, second.counts) == ({"create done": 2}, {})
        assert schemas(url) == {f"datasync_{job}"}
        assert not (tmp_path / "data" / "datasync").exists()
        with server.writing("ann") as context:
            jobs.delete_jobs(context, [job])
        assert schemas(url) == set()


def schemas(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        rows = connection.execute("select nspname from pg_namespace where nspname like 'datasync%'").fetchall()
    return {str(name) for (name,) in rows}
