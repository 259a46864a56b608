"""The table of roles: every act is somebody's by decision, not by being new."""

import ast
import inspect

from yanxiu import roles
from yanxiu.roles import ROLES, Act, Reach, Role

ORGANIZE = {
    Act.SEE_WORK,
    Act.MARK,
    Act.RELEASE,
    Act.HOLD_COURSE,
    Act.SEE_PEOPLE,
    Act.RESET_PASSWORD,
    Act.IMPORT_ROSTER,
    Act.PRINT_SLIPS,
    Act.BIND_ACCOUNT,
    Act.DECIDE_NAME,
    Act.GIVE_ROLE,
    Act.ASSIGN_GRADER,
    Act.SEE_QUOTA,
    Act.STOP_SERVER,
    Act.SET_IDLE_PEAK,
}
TREE = ast.parse(inspect.getsource(roles))


def annotations(node):
    """Return every node of what ``node`` is annotated with."""
    found = [getattr(node, name, None) for name in ("annotation", "returns")]
    return [part for one in found if one is not None for part in ast.walk(one)]


#: Who may do what, in full: a new act changes this table or nobody has it.
EXPECTED = {
    Role.TEACHER: {},
    Role.GROUP_LEAD: {},
    Role.OPERATOR: {Act.TEST_SIGN_ON: Reach.SUBTREE},
    Role.GRADER: {Act.SEE_WORK: Reach.ASSIGNED, Act.MARK: Reach.ASSIGNED},
    Role.SCHOOL_ORGANIZER: dict.fromkeys(ORGANIZE, Reach.SUBTREE),
    Role.COUNTY_ORGANIZER: dict.fromkeys(
        ORGANIZE | {Act.CHANGE_SCHOOLS, Act.SET_LIMITS}, Reach.SUBTREE
    ),
}


def test_the_table():
    assert {role: rule.acts for role, rule in ROLES.items()} == EXPECTED


def test_no_role_gets_acts_by_enumerating_them():
    """``dict.fromkeys(Act)`` would hand every future act to every school organizer."""
    bare = {id(node.value) for node in ast.walk(TREE) if isinstance(node, ast.Attribute)} | {
        id(node) for one in ast.walk(TREE) for node in annotations(one)
    }
    used = [n for n in ast.walk(TREE) if isinstance(n, ast.Name) and n.id == "Act"]
    assert used
    assert [node.lineno for node in used if id(node) not in bare] == []
