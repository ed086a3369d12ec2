"""The machine says no: the disk is full, another process is at work, a run was killed."""

import os
import shutil
from pathlib import Path

import pytest
from processes import accord, refused

from accord.cli.exit_codes import ExitCode
from accord.runs.context import leased, recorded
from accord.store.activities import ActivityState
from accord.testing.private_postgres import PrivatePostgres
from worlds import World, people


def test_a_full_disk_under_the_store_undoes_the_run_and_the_next_one_works(
    settled_folder: Path, tmp_path: Path
) -> None:
    world = World(folder=shutil.copytree(settled_folder, tmp_path / "world"))
    before = world.staged("hr")
    world.write_hr(people(6000))
    world.close()
    store = world.folder / ".accord" / "accord.db"
    said = refused(
        accord(world, "run", "hr", "full-import", file_bytes=store.stat().st_size + 300_000),
        ExitCode.UNREACHABLE,
        str(store),
    )
    assert "disk is full" in said
    assert "free space" in said
    assert world.staged("hr") == before
    assert world.last_activity().state is ActivityState.FAILED
    world.import_("hr")
    assert len(world.staged("hr")) == 6000
    world.close()


FULL = """
create function full_disk() returns trigger language plpgsql as $$ begin
  if (select count(*) from object) > 100 then
    raise exception 'could not extend file "base/16384/16391": No space left on device' using errcode = 'disk_full';
  end if;
  return null;
end $$;
create trigger full_disk after insert on object for each statement execute function full_disk();
"""


@pytest.mark.postgresql
def test_a_full_disk_under_postgresql_undoes_the_run_and_the_next_one_works(
    postgres_server: PrivatePostgres, settled_database: None, settled_folder: Path, tmp_path: Path
) -> None:
    import psycopg  # noqa: PLC0415 - an optional library

    url = postgres_server.create_database(template="settled")
    world = World(folder=shutil.copytree(settled_folder, tmp_path / "world"), url=url)
    before = world.staged("hr")
    world.write_hr(people(200))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(FULL)
        said = refused(accord(world, "run", "hr", "full-import"), ExitCode.UNREACHABLE, "postgresql://")
        assert "disk is full" in said
        assert "free space" in said
        assert world.staged("hr") == before
        assert world.last_activity().state is ActivityState.FAILED
        connection.execute("drop trigger full_disk on object")
        world.import_("hr")
    assert len(world.staged("hr")) == 200
    world.close()


def test_a_full_disk_under_a_target_leaves_it_as_it_was_and_everything_waits(local_world: World) -> None:
    world = local_world.make(people(3))
    world.configure("systems/directory", CSV_TARGET)
    target = world.folder / "data" / "accounts.csv"
    strangers = "".join(f"{n},{'x' * 90},x,,,,,,,\n" for n in range(50_000))
    target.write_text(
        f"uid,cn,sn,mail,employeeNumber,departmentNumber,title,telephoneNumber,manager,active\n{strangers}"
    )
    whole = target.read_bytes()
    world.import_("hr")
    world.sync()
    ended = accord(world, "run", "directory", "export", file_bytes=4_000_000)
    assert ended.code in (ExitCode.UNREACHABLE, ExitCode.OBJECT_ERRORS), ended.err
    assert str(target) in ended.out + ended.err
    assert "make room" in ended.out + ended.err
    assert target.read_bytes() == whole
    assert [path.name for path in target.parent.iterdir() if "accounts" in path.name] == ["accounts.csv"]
    assert {operation for operation, _ in world.pending_kinds()} == {"create"}
    world.wait(days=3650)
    world.export()
    assert len(target.read_bytes().splitlines()) == len(whole.splitlines()) + 3


CSV_TARGET = """
system: directory
connector: csv
settings: {path: data/accounts.csv, object_type: user}
objects:
  user:
    anchor: uid
    attributes: {uid: text, cn: text, sn: text, mail: text, employeeNumber: text, departmentNumber: text, title: text,
      telephoneNumber: text, manager: reference, active: boolean}
"""


def test_a_second_process_on_the_same_data_folder_is_turned_away_by_name(settled_folder: Path, tmp_path: Path) -> None:
    world = World(folder=shutil.copytree(settled_folder, tmp_path / "world"))
    with world.accord as held:
        folder = held.places.data
        before = held.store.activities.list()
        world._opened = None
        said = refused(accord(world, "cycle"), ExitCode.FAILED, str(folder))
        assert "DATA_FOLDER_BUSY" in said
        assert str(os.getpid()) in said
        assert accord(world, "status").code == ExitCode.OK
        assert held.store.activities.list() == before


@pytest.mark.postgresql
def test_a_second_run_of_the_same_system_is_turned_away_and_other_systems_go_on(
    postgres_server: PrivatePostgres, settled_database: None, settled_folder: Path, tmp_path: Path
) -> None:
    url = postgres_server.create_database(template="settled")
    world = World(folder=shutil.copytree(settled_folder, tmp_path / "world"), url=url)
    world.write_hr(people(26))
    with (
        world.accord as other,
        recorded(other.context, "import", system="hr") as run,
        leased(other.context, ["hr"], run.activity.guid),
    ):
        world._opened = None
        said = refused(accord(world, "run", "hr", "full-import"), ExitCode.FAILED, "hr")
        assert "SYSTEM_BUSY" in said
        assert "import by tester" in said
        assert accord(world, "run", "phones", "full-import").code == ExitCode.OK
        assert len(other.store.connector_space.read_objects("hr")) == 25
