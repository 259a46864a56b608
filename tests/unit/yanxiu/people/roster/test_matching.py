"""Whom a row means: by ID number, teacher number, last four, mobile; else a person decides."""

import pytest
from sqlalchemy import select
from yanxiu.people.model import Person, RoleGrant
from yanxiu.people.reads import organizations, schools
from yanxiu.people.roster.match import Scope
from yanxiu.people.roster.seed import EVERYTHING
from yanxiu.store.model import AuditEvent

from tests.support.rosters import (
    SCHOOL1,
    SCHOOL2,
    SCHOOL9,
    id_number,
    imported,
    plan_of,
    reasons,
    xlsx,
)
from tests.support.writing import writing

HEADER = ("姓名", "教师编号", "手机号", "身份证号", "身份证后四位", "单位代码", "学校", "角色")
DAI = ("戴老师", "1101", "13900001101", id_number(1))


@pytest.fixture
def site(county):
    """The cast, 戴老师 with every number there is, and two namesakes with only four digits."""
    imported(county.store, xlsx([(*DAI, "", SCHOOL1, "", "教师")], HEADER))
    with writing(county.store) as session:
        for number, last4 in (("1901", "1234"), ("1902", "5678")):
            session.add(
                Person(
                    id=f"u{number}aaaaaaaaaaaa".replace("1", "b")
                    .replace("9", "c")
                    .replace("0", "d"),
                    name="马老师",
                    teacher_no=number,
                    id_last4=last4,
                    school_id=county.schools["school1"],
                    created_at=county.store.clock(),
                )
            )
    return county


def outcome(plan):
    """Return the kinds of the entries and the codes of the problems, by line."""
    found = {entry.row.line: entry.kind.value for entry in plan.entries}
    return found | {line: problems[0].code for line, problems in plan.problems.items()}


@pytest.mark.parametrize(
    "row, ends",
    [
        # ---- the ID number says it, whatever else has changed
        (("戴新名", "9901", "13900009901", id_number(1), "", SCHOOL2, "", ""), "move"),
        (("戴老师", "", "13900001101", id_number(1), "", SCHOOL1, "", ""), "same"),
        # ---- the teacher number, in the same county
        (("戴老师", "1101", "", "", "", SCHOOL1, "", ""), "same"),
        (("戴老师", "1101", "", "", "", SCHOOL2, "", ""), "move"),
        (("戴老师", "1101", "", id_number(2), "", SCHOOL1, "", ""), "number_other_id"),
        (("戴老师", "1101", "", "", "9999", SCHOOL1, "", ""), "number_other_id"),
        (("戴其他", "1101", "", "", "", SCHOOL1, "", ""), "number_other_name"),
        (("戴老师", "1101", "", "", "", SCHOOL9, "", ""), "teacher_no_taken"),
        # ---- school, name and last four
        (("戴老师", "9902", "", "", id_number(1)[-4:], SCHOOL1, "", ""), "change"),
        (("马老师", "", "13900009903", "", "1234", SCHOOL1, "", ""), "change"),
        (("马老师", "9903", "", "", "4321", SCHOOL1, "", ""), "add"),
        (("马老师", "", "13900009904", "", "", SCHOOL1, "", ""), "namesake"),
        (("马老师", "", "13900009904", "", "", SCHOOL2, "", ""), "add"),
        # ---- mobile and name
        (("戴老师", "", "13900001101", "", "", SCHOOL1, "", ""), "same"),
        (("戴其他", "", "13900001101", "", "", SCHOOL1, "", ""), "mobile_taken"),
        # ---- nobody
        (("鄂老师", "9905", "", id_number(5), "", SCHOOL1, "", ""), "add"),
        (("鄂老师", "9905", "", "", "", "", "县三小", ""), "add"),
        (("鄂老师", "9905", "", "", "", "", "县三", ""), "org_name_near"),
        (("鄂老师", "9905", "", "", "", "", "阳光实验", ""), "org_name"),
        (("鄂老师", "9905", "", "", "", SCHOOL1, "城关镇中心校", ""), "org_differs"),
        (("鄂老师", "9905", "", "", "", SCHOOL1, "三小", ""), "add"),
        (("鄂老师", "1101", "", id_number(5), "", SCHOOL1, "", ""), "number_other_id"),
    ],
)
def test_a_row_means_one_person_or_nobody(site, row, ends):
    assert outcome(plan_of(site.store, xlsx([row], HEADER))) == {2: ends}


def test_all_that_is_wrong_with_a_row_is_told_at_once(site):
    row = ("鄂老师", "9905", "0571-1234", "", "", "", "阳光实验", "")
    plan = plan_of(site.store, xlsx([row], HEADER))
    assert [problem.code for problem in plan.problems[2]] == ["mobile_wrong", "org_name"]


def test_two_people_may_swap_their_numbers(site):
    rows = [
        (*DAI, "", SCHOOL1, "", ""),
        ("鄂老师", "1102", "13900001102", id_number(2), "", SCHOOL1, "", ""),
    ]
    imported(site.store, xlsx(rows, HEADER))
    swapped = [
        ("戴老师", "1102", "13900001102", id_number(1), "", SCHOOL1, "", ""),
        ("鄂老师", "1101", "13900001101", id_number(2), "", SCHOOL1, "", ""),
    ]
    assert imported(site.store, xlsx(swapped, HEADER))["change"] == 2
    with site.store.read() as session:
        people = session.scalars(select(Person).where(Person.name.in_(["戴老师", "鄂老师"])))
        assert {one.name: (one.teacher_no, one.mobile) for one in people} == {
            "戴老师": ("1102", "13900001102"),
            "鄂老师": ("1101", "13900001101"),
        }


def test_a_number_is_free_only_if_its_owner_really_gives_it_up(site):
    """戴老师 cannot take a mobile that is taken, so the own one is not free for 鄂老师."""
    rows = [
        ("戴老师", "1101", "12000001002", id_number(1), "", SCHOOL1, "", ""),
        ("鄂老师", "9905", "13900001101", id_number(5), "", SCHOOL1, "", ""),
    ]
    assert outcome(plan_of(site.store, xlsx(rows, HEADER))) == {
        2: "mobile_taken",
        3: "mobile_taken",
    }


def test_an_empty_cell_erases_nothing(site):
    row = ("戴老师", "1101", "", "", "", SCHOOL1, "", "")
    assert imported(site.store, xlsx([row], HEADER))["same"] == 1


def roles_of(store, number):
    with store.read() as session:
        rows = session.execute(
            select(RoleGrant.role, Person.school_id == RoleGrant.org_id)
            .join(Person, Person.id == RoleGrant.person_id)
            .where(Person.teacher_no == number)
        )
        return sorted((role, here) for role, here in rows)


def test_who_moves_takes_teaching_along_and_leaves_organizing(site):
    row = (*DAI, "", SCHOOL1, "", "教师、教研组长、学校管理员")
    imported(site.store, xlsx([row], HEADER))
    assert [role for role, _ in roles_of(site.store, "1101")] == [
        "group_lead",
        "school_organizer",
        "teacher",
    ]
    imported(site.store, xlsx([(*DAI, "", SCHOOL2, "", "")], HEADER))
    assert roles_of(site.store, "1101") == [("group_lead", True), ("teacher", True)]


def test_who_had_left_is_back_by_the_next_file(site):
    rows = [("艾老师", "1001", "", "", "", SCHOOL1, "", "")]
    counts = imported(site.store, xlsx(rows, HEADER), whole=True, leaving=4)
    assert counts["left"] == 4  # bob, 戴老师 and the two namesakes; no organizer
    back = xlsx([(*DAI, "", SCHOOL1, "", "")], HEADER)
    assert outcome(plan_of(site.store, back)) == {2: "back"}
    imported(site.store, back)
    with site.store.read() as session:
        assert session.scalar(select(Person.active).where(Person.teacher_no == "1101"))


def test_nobody_is_missing_who_stands_in_a_wrong_row(site):
    rows = [
        ("艾老师", "1001", "", "", "", SCHOOL1, "", ""),
        ("包老师", "1002", "999", "", "", SCHOOL1, "", ""),
        ("改了名", "1101", "", "", "", SCHOOL1, "", ""),
    ]
    plan = plan_of(site.store, xlsx(rows, HEADER))
    assert sorted(reasons(plan)) == [3, 4]
    assert {one.name for one in plan.missing} == {"马老师"}


def test_every_change_of_a_person_is_in_the_audit_without_its_values(site):
    imported(site.store, xlsx([("戴新名", "1101", "", id_number(1), "", SCHOOL2, "", "")], HEADER))
    with site.store.read() as session:
        [event] = session.scalars(select(AuditEvent).where(AuditEvent.verb == "person.move"))
    assert event.details == {"fields": ["name", "school_id"], "from": SCHOOL1, "to": SCHOOL2}
    assert event.school_id == site.schools["school2"]


SCOPE1 = Scope(("/330199/2133000001/",), frozenset({("teacher", "/330199/2133000001/")}))


@pytest.mark.parametrize(
    "row, scope, ends",
    [
        (("鄂老师", "9905", "", "", "", SCHOOL2, "", ""), SCOPE1, "org_elsewhere"),
        (("鄂老师", "9905", "", "", "", "330199", "", ""), SCOPE1, "org_elsewhere"),
        (("鄂老师", "9905", "", "", "", "", "城关镇中心校", ""), SCOPE1, "org_name"),
        (("鄂老师", "9905", "", "", "", "", "", ""), SCOPE1, "add"),  # there is only one school
        (("鄂老师", "9905", "", "", "", "", "", ""), EVERYTHING, "org_missing"),
        (("柴老师", "2001", "", "", "", SCHOOL1, "", ""), SCOPE1, "person_elsewhere"),
        (("艾老师", "1001", "13911112222", "", "", SCHOOL1, "", ""), SCOPE1, "change"),
        (("鄂老师", "9905", "", "", "", SCHOOL1, "", "教研组长"), SCOPE1, "role_not_yours"),
    ],
)
def test_a_file_reaches_no_further_than_its_importer(site, row, scope, ends):
    assert outcome(plan_of(site.store, xlsx([row], HEADER), scope)) == {2: ends}


# ---- codes that change ----------------------------------------------------------------------


def changed(site, verb):
    with writing(site.store) as session:
        return verb(session, site.store.clock())


def test_an_old_code_means_the_school_of_today(site):
    changed(
        site,
        lambda session, now: schools.recode(
            session, organizations.by_code(session, SCHOOL1), "3133000001", now
        ),
    )
    row = ("鄂老师", "9905", "", "", "", SCHOOL1, "", "")
    plan = plan_of(site.store, xlsx([row], HEADER))
    assert [(entry.kind.value, entry.org.code) for entry in plan.entries] == [("add", "3133000001")]
    assert "旧的单位代码 2133000001" in plan.notes[0].text()


def test_a_merged_schools_file_goes_to_the_other_school(site):
    moved = changed(
        site,
        lambda session, now: schools.merge(
            session,
            organizations.by_code(session, SCHOOL1),
            organizations.by_code(session, SCHOOL2),
            now,
        ),
    )
    assert moved == 6
    same = ("艾老师", "1001", "", "", "", SCHOOL1, "", "")
    assert outcome(plan_of(site.store, xlsx([same], HEADER))) == {2: "same"}
    assert roles_of(site.store, "1001") == [("teacher", True)]


def test_a_teaching_point_has_a_temporary_code_and_later_its_own(site):
    code = changed(
        site,
        lambda session, now: (
            schools.add_point(session, organizations.by_code(session, SCHOOL2), "柳湾教学点").code
        ),
    )
    assert code == "t330199001"
    rows = [
        ("鄂老师", "9905", "", "", "", code.upper(), "", ""),
        ("方老师", "9906", "", "", "", "无", "柳湾教学点", ""),
    ]
    assert imported(site.store, xlsx(rows, HEADER))["add"] == 2
    changed(
        site,
        lambda session, now: schools.recode(
            session, organizations.by_code(session, code), "2233000001", now
        ),
    )
    assert imported(site.store, xlsx(rows, HEADER))["same"] == 2
    next_code = changed(
        site,
        lambda session, now: (
            schools.add_point(session, organizations.by_code(session, SCHOOL2), "桥头教学点").code
        ),
    )
    assert next_code == "t330199002"  # a code that somebody's file may name is not used again
