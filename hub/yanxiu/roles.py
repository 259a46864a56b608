"""What each role is for, where it is held, who may give it: the whole table.

Pure. ``web.actor`` and every room's ``permissions`` ask it, the page for roles and ``yanxiu role`` show it, and
``docs/how-to/give-roles.md`` repeats it. A role says *what*; the organization it is held
in says *for whom*: a subtree. Being enrolled, not a role, makes somebody a learner.
"""

from dataclasses import dataclass
from enum import StrEnum

from yanxiu.errors import N_


class Role(StrEnum):
    """What a person may be, several at once, each in an organization (design §7)."""

    TEACHER = "teacher"
    SCHOOL_ORGANIZER = "school_organizer"
    COUNTY_ORGANIZER = "county_organizer"
    GROUP_LEAD = "group_lead"
    GRADER = "grader"
    OPERATOR = "operator"


class Act(StrEnum):
    """What can be done to others' things. One's own things need no role."""

    SEE_WORK = "see_work"
    MARK = "mark"
    RELEASE = "release"
    HOLD_COURSE = "hold_course"
    SEE_PEOPLE = "see_people"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - the name of an act
    IMPORT_ROSTER = "import_roster"
    PRINT_SLIPS = "print_slips"
    BIND_ACCOUNT = "bind_account"
    DECIDE_NAME = "decide_name"
    GIVE_ROLE = "give_role"
    ASSIGN_GRADER = "assign_grader"
    CHANGE_SCHOOLS = "change_schools"
    SET_LIMITS = "set_limits"
    SEE_QUOTA = "see_quota"
    STOP_SERVER = "stop_server"
    SET_IDLE_PEAK = "set_idle_peak"
    TEST_SIGN_ON = "test_sign_on"


class Reach(StrEnum):
    """For whose things."""

    #: People and works of the organization that the role is held in, and of all below it.
    SUBTREE = "subtree"
    #: Works of a unit and a school that an organizer put the person in charge of.
    ASSIGNED = "assigned"


@dataclass(frozen=True)
class RoleRule:
    """One row of the table.

    :param kinds: kinds of organization in which the role can be held
    :param acts: what its holder may do to others' things, and how far
    :param gives: the roles that its holder may give and take, in the subtree
    :param reason: why it is so
    """

    title: str
    kinds: frozenset[str]
    acts: dict[Act, Reach]
    gives: frozenset[Role]
    reason: str


#: What running a school or a county takes. Written out: an act that comes later belongs to
#: nobody until somebody decides whose it is.
_ORGANIZE: dict[Act, Reach] = {
    Act.SEE_WORK: Reach.SUBTREE,
    Act.MARK: Reach.SUBTREE,
    Act.RELEASE: Reach.SUBTREE,
    Act.HOLD_COURSE: Reach.SUBTREE,
    Act.SEE_PEOPLE: Reach.SUBTREE,
    Act.RESET_PASSWORD: Reach.SUBTREE,
    Act.IMPORT_ROSTER: Reach.SUBTREE,
    Act.PRINT_SLIPS: Reach.SUBTREE,
    Act.BIND_ACCOUNT: Reach.SUBTREE,
    Act.DECIDE_NAME: Reach.SUBTREE,
    Act.GIVE_ROLE: Reach.SUBTREE,
    Act.ASSIGN_GRADER: Reach.SUBTREE,
    Act.SEE_QUOTA: Reach.SUBTREE,
    Act.STOP_SERVER: Reach.SUBTREE,
    Act.SET_IDLE_PEAK: Reach.SUBTREE,
}
_SCHOOL = frozenset({"school"})
_CLUSTER = frozenset({"cluster"})
_BELOW = frozenset({Role.TEACHER, Role.GROUP_LEAD, Role.GRADER, Role.SCHOOL_ORGANIZER})

ROLES: dict[Role, RoleRule] = {
    Role.TEACHER: RoleRule(
        N_("教师"), _SCHOOL, {}, frozenset(), N_("参加研修，提交自己的作业；看不到别人的作业。")
    ),
    Role.GROUP_LEAD: RoleRule(
        N_("教研组长"),
        _SCHOOL,
        {},
        frozenset(),
        N_("带教研组。组里的事由教研组自己的成员名单决定，不能看别人的作业。"),
    ),
    Role.GRADER: RoleRule(
        N_("评分员"),
        _SCHOOL | _CLUSTER | {"county"},
        {Act.SEE_WORK: Reach.ASSIGNED, Act.MARK: Reach.ASSIGNED},
        frozenset(),
        N_("只评管理员分给自己的单元和学校；发布成绩、看名单都不行。"),
    ),
    Role.SCHOOL_ORGANIZER: RoleRule(
        N_("学校管理员"),
        _SCHOOL | _CLUSTER,
        _ORGANIZE,
        _BELOW,
        N_("管理本校的老师、作业、成绩和角色。"),
    ),
    Role.COUNTY_ORGANIZER: RoleRule(
        N_("县管理员"),
        frozenset({"county"}),
        {**_ORGANIZE, Act.CHANGE_SCHOOLS: Reach.SUBTREE, Act.SET_LIMITS: Reach.SUBTREE},
        _BELOW | {Role.COUNTY_ORGANIZER},
        N_("管理全县各校的老师、作业、成绩和角色。"),
    ),
    Role.OPERATOR: RoleRule(
        N_("运维员"),
        frozenset({"county"}),
        {Act.TEST_SIGN_ON: Reach.SUBTREE},
        frozenset(),
        N_("在服务器上维护平台；在门户里看不到任何人的作业，角色只能在服务器上给。"),
    ),
}


def roles_that_may(act: Act, reach: Reach = Reach.SUBTREE) -> frozenset[Role]:
    """Return the roles that may do ``act`` with that reach.

    >>> sorted(roles_that_may(Act.MARK, Reach.ASSIGNED))
    [<Role.GRADER: 'grader'>]
    """
    return frozenset(role for role, rule in ROLES.items() if rule.acts.get(act) is reach)


def givers_of(role: Role) -> frozenset[Role]:
    """Return the roles whose holders may give ``role`` in their subtree.

    >>> sorted(givers_of(Role.COUNTY_ORGANIZER)), sorted(givers_of(Role.OPERATOR))
    ([<Role.COUNTY_ORGANIZER: 'county_organizer'>], [])
    """
    return frozenset(giver for giver, rule in ROLES.items() if role in rule.gives)
