"""One cycle end to end: what the sources say reaches the target, is confirmed, and then nothing is left to do."""

from worlds import World, counted, people, person


def test_a_first_cycle_makes_everybody_an_account_and_a_second_changes_nothing(world: World) -> None:
    world.make(people(8))
    world.import_all()
    assert len(world.staged("hr")) == 8
    assert world.identities() == {}

    synchronised = world.sync()
    assert counted(synchronised)["metaverse", "add"] == 8
    assert world.identities()["E003"]["account"] == "alee3"
    assert world.pending_kinds() == [("create", "pending")] * 8
    assert world.target() == {}

    exported = world.export()
    assert counted(exported) == {("exported", "create"): 8}
    assert world.pending_kinds() == [("create", "exported")] * 8
    assert world.target("cn", "manager")["alee3"] == ("Ann3 Lee3", "alee1")

    confirmed = world.import_("directory")
    assert counted(confirmed) == {("exports", "confirm"): 8}
    assert world.pending() == []

    again = world.cycle()
    assert [counted(result) for result in again] == [{}, {}, {}]
    assert again[0].activity.message == "nothing to change"


def test_a_second_synchronisation_is_computed_only_where_somebody_could_still_be_joined(world: World) -> None:
    world.make(people(8))
    world.import_all()
    world.sync()
    world.import_("hr")
    assert world.sync().activity.message == "nothing changed since the last one"


def test_only_what_changed_is_sent(settled: World) -> None:
    settled.write_hr([*people(4), person(5, last="Okafor", title="head"), *people(25)[5:]])
    assert counted(settled.import_("hr")) == {("connector space", "update"): 1}
    assert counted(settled.sync())["export", "update"] == 1
    [waiting] = settled.pending()
    assert waiting["before"] == {"cn": "Ann5 Lee5", "sn": "Lee5", "title": "clerk"}
    assert waiting["after"] == {"cn": "Ann5 Okafor", "sn": "Okafor", "title": "head"}
    settled.export()
    assert settled.target("cn", "title", "mail")["alee5"] == ("Ann5 Okafor", "head", "alee5@example.org")
    assert counted(settled.import_("directory")) == {("exports", "confirm"): 1}


def test_the_source_of_higher_precedence_wins_and_the_other_stands_in_when_it_is_silent(local_settled: World) -> None:
    local_settled.write_phones({"E002": ("555-2", "head of sales"), "E003": ("555-3", None)})
    local_settled.import_("phones")
    local_settled.sync()
    known = local_settled.identities()
    assert (known["E002"]["title"], known["E003"]["title"]) == ("head of sales", "clerk")
    local_settled.export()
    held = local_settled.target("title", "telephoneNumber")
    assert held["alee2"] == ("head of sales", "555-2")
    assert held["alee3"] == ("clerk", "555-3")

    local_settled.write_phones({"E003": ("555-3", None)})
    local_settled.import_("phones")
    local_settled.sync()
    local_settled.export()
    assert local_settled.target("title", "telephoneNumber")["alee2"] == ("clerk", None)


def test_a_change_made_in_the_target_by_hand_is_put_back(local_settled: World) -> None:
    local_settled.change_target("update users set title = 'king', telephoneNumber = '666' where uid = 'alee7';")
    local_settled.import_("directory")
    local_settled.sync()
    [waiting] = local_settled.pending()
    assert waiting["before"] == {"telephoneNumber": "666", "title": "king"}
    assert waiting["after"] == {"title": "clerk"}
    local_settled.export()
    assert local_settled.target("title", "telephoneNumber")["alee7"] == ("clerk", None)
    assert counted(local_settled.import_("directory")) == {("exports", "confirm"): 1}


def test_an_account_deleted_in_the_target_by_hand_is_made_again_for_the_same_person(local_settled: World) -> None:
    before = local_settled.identities()["E007"]
    local_settled.change_target("delete from users where uid = 'alee7';")
    local_settled.import_("directory")
    assert "alee7" not in local_settled.staged("directory")
    local_settled.sync()
    local_settled.export()
    local_settled.import_("directory")
    assert local_settled.identities()["E007"] == before
    assert local_settled.target("employeeNumber")["alee7"] == "E007"
    assert local_settled.pending() == []


def test_who_is_no_longer_active_keeps_a_disabled_account_and_is_enabled_when_back(local_settled: World) -> None:
    local_settled.write_hr([person(9, status="left") if n == 8 else row for n, row in enumerate(people(25))])
    local_settled.import_("hr")
    local_settled.sync()
    assert local_settled.pending_kinds() == [("disable", "pending")]
    local_settled.export()
    local_settled.import_("directory")
    assert local_settled.target("active", "title")["alee9"] == ("false", "clerk")
    assert local_settled.pending() == []

    local_settled.write_hr(people(25))
    local_settled.turn()
    assert local_settled.target("active")["alee9"] == "true"


def test_who_is_no_longer_listed_is_deleted_where_the_rule_says_so(settled: World) -> None:
    settled.edit("rules/directory-user", "on_leave: disable\ndisable: {active: false}", "on_leave: delete")
    settled.write_hr(people(25)[:-1])
    settled.import_("hr")
    assert counted(settled.sync())["metaverse", "remove"] == 1
    assert "E025" not in settled.identities()
    assert settled.pending_kinds() == [("delete", "pending")]
    settled.export()
    assert "alee25" not in settled.target()
    assert len(settled.target()) == 24
    settled.import_("directory")
    assert settled.pending() == []
    assert "alee25" not in settled.staged("directory")


def test_logins_are_unique_and_stay_when_others_come_and_names_change(local_settled: World) -> None:
    namesakes = [person(n, first="Zoe", last="Ng") for n in (31, 32, 33)]
    local_settled.write_hr([*people(25), *namesakes])
    local_settled.turn()
    given = {n: local_settled.identities()[n]["account"] for n in ("E031", "E032", "E033")}
    assert sorted(given.values()) == ["zng", "zng2", "zng3"]

    married = person(31, first="Zoe", last="Meyer")
    local_settled.write_hr([*people(25), person(30, first="Zoe", last="Ng"), *reversed(namesakes[1:]), married])
    local_settled.turn()
    known = local_settled.identities()
    assert {n: known[n]["account"] for n in given} == given
    assert known["E030"]["account"] == "zng4"
    assert local_settled.target("sn")[given["E031"]] == "Meyer"


def test_a_login_that_a_stranger_holds_in_the_target_is_not_given(local_settled: World) -> None:
    local_settled.change_target("insert into users(uid, cn, sn) values ('zng', 'Zero Ng', 'Ng');")
    local_settled.import_("directory")
    local_settled.write_hr([*people(25), person(31, first="Zoe", last="Ng")])
    local_settled.turn()
    assert local_settled.identities()["E031"]["account"] == "zng2"
    assert local_settled.target()["zng"] == "Zero Ng"


def test_attributes_may_have_any_name(local_world: World) -> None:
    local_world.make(people(3))
    local_world.edit("systems/hr", "anchor: number", "anchor: id")
    local_world.edit("systems/hr", "number: text", "id: text")
    local_world.edit("rules/hr-person", "number", "id")
    local_world.write_hr([{**row, "id": row["number"]} for row in people(3)], columns=("id", *world_columns()))
    local_world.cycle()
    assert len(local_world.target()) == 3


def world_columns() -> tuple[str, ...]:
    return ("first", "last", "department", "title", "hired", "manager", "status")


def test_contents_hashed_otherwise_before_are_no_changes(local_settled: World) -> None:
    database = local_settled.accord.store._database
    before = database.rows("select id, hash from object where system = 'hr' order by id")
    database.execute("update object set hash = hash + 1 where system = 'hr'")

    assert counted(local_settled.import_("hr")) == {}

    assert database.rows("select id, hash from object where system = 'hr' order by id") == before
