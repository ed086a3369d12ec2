"""Keys that differ in case only are the same row of a table where its database says so."""

import pytest
import sqlalchemy as sa

from accord.operations.datasync import providers
from accord.testing.private_mariadb import PrivateMariadb
from offices import Office, excel, table_job


def rows_after(office: Office, url: str, driver: str) -> tuple[dict[str, int], dict[str, str]]:
    """Run a job with the key ANN into a table with the key ann; return its counts and the table."""
    engine = sa.create_engine(driver)
    with engine.begin() as connection:
        connection.execute(sa.text("create table staff (No varchar(10) primary key, Name varchar(80))"))
        connection.execute(sa.text("insert into staff values ('ann', 'Old')"))
    body = {"name": "Out", "providerTypeName": "SQL", "configurationValues": {"ConnectionString": url}}
    with office.server.writing("ann") as context:
        providers.create_provider(context, excel(office.workbook))
        providers.create_provider(context, body)
    office.fill([("Ann", "Lee", "ANN")], ("First", "Last", "No"))
    job = table_job()
    job["settings"] += [{"key": "Destination.Table", "value": "staff"}]
    run, again = (office.run(made) for made in [office.create(job)] * 2)
    assert again.counts == {}, office.results
    with engine.begin() as connection:
        found = {str(row[0]): str(row[1]) for row in connection.execute(sa.text("select No, Name from staff"))}
    engine.dispose()
    return dict(run.counts), found


def test_a_database_that_knows_case_has_two_rows(office: Office) -> None:
    url = f"sqlite:///{office.folder / 'out.db'}"
    assert rows_after(office, url, url) == ({"create done": 1}, {"ann": "Old", "ANN": "Ann Lee"})


@pytest.mark.slow
@pytest.mark.mariadb
def test_a_database_that_ignores_case_has_one(office: Office) -> None:
    with PrivateMariadb() as server:
        url = server.create_database()
        driver = url.replace("mysql://", "mysql+pymysql://").replace("mariadb://", "mariadb+pymysql://")
        assert rows_after(office, url, driver) == ({"update done": 1}, {"ann": "Ann Lee"})
