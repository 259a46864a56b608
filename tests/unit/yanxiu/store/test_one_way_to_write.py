"""There is one way to change anything: ``Store.transact``, or ``bookkeep`` where it is said.

Read from the source, because a verb that opens a session of its own would work: it would only
not be run again, and not be in the audit.
"""

import ast
import inspect
from pathlib import Path

import pytest
import yanxiu
from yanxiu.store.engine import Store

HUB = Path(yanxiu.__file__).parent
#: What is nobody's deed, and why: everything else that is written carries an event.
BOOKS = {
    "store/hold.py": "that a backup needs every blob for now; its deed is an event of its own",
    "store/leases.py": "who holds a task, and how far it is",
    "store/tasks.py": "the one row of what comes by itself",
    "housekeeping/upkeep.py": "tasks that ended long ago",
    "quota/homes.py": "what the launcher measured",
    "quota/tasks.py": "sums that are counted anew",
    "quota/kueue_engine.py": "who stands in line for what Kueue did not admit",
    "quota/kueue_reconcile.py": "how far a cluster was from the limits",
    "quota/records_engine.py": "who has a place; when servers lived is a ledger of its own",
    "work/verbs/in_bulk.py": "how many there were when a task began",
    "work/verbs/grade.py": "a worker's heartbeat",
    "work/verbs/save_draft.py": "a form that saves itself every half minute",
}


def used(tree: ast.Module) -> set[str]:
    """Return the names that are looked up on something, and those that are called: ``name()``."""
    found = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    called = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return found | {f"{one.id}()" for one in called if isinstance(one, ast.Name)}


SOURCES = {
    str(path.relative_to(HUB)): used(ast.parse(path.read_text("utf-8")))
    for path in sorted(HUB.rglob("*.py"))
    if "migrations" not in path.parts
}


def test_the_store_has_no_other_way():
    public = {name for name, _ in inspect.getmembers(Store, callable) if name[0] != "_"}
    assert public == {
        "read",
        "transact",
        "bookkeep",
        "note",
        "count",
        "check_room",
        "keep",
        "close",
    }


#: A word that could open a way to write → who may use it besides the engine, and why.
OPENERS: dict[str, set[str]] = {
    "create_engine()": set(),
    "sessionmaker()": set(),
    "Session()": {"web/sessions.py"},  # a browser's, in its cookie
    "_transaction": set(),
    # Databases of others: the hub's own, and a gradebook that is written for nbgrader.
    "commit": {
        "login/hub_sessions.py",
        "login/hub_tokens.py",
        "spawn/kube_spawner.py",
        "spawn/spawner.py",
        "courses/nbgrader/writing.py",
    },
}


@pytest.mark.parametrize("opener", OPENERS)
def test_only_the_engine_opens_what_can_write(opener):
    found = {name for name, names in SOURCES.items() if opener in names}
    assert found - {"store/engine.py"} == OPENERS[opener]


def test_only_books_are_written_without_an_event():
    keeping = {name for name, names in SOURCES.items() if "bookkeep" in names}
    assert keeping - {"store/engine.py"} == BOOKS.keys()


@pytest.mark.parametrize("name", [name for name, names in SOURCES.items() if "transact" in names])
def test_what_runs_in_a_transaction_asks_no_clock(name):
    """Its instant is the transaction's: what it judges and what it writes must agree."""
    tree = ast.parse((HUB / name).read_text("utf-8"))
    taking_now = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.Lambda)
        and [arg.arg.strip("_") for arg in node.args.args][-2:] == ["session", "now"]
    ]
    asking = [
        node.lineno
        for function in taking_now
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute) and node.attr in ("clock", "utcnow")
    ]
    assert asking == []
