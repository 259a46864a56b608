"""Who is told what: secrets, settings, and nothing of the operator's own environment."""

import dataclasses
from pathlib import Path

import pytest
from yanxiu.up.parts import parts

# Which part may hold which secret. A new secret must be added here on purpose.
HOLDERS = {
    "hub_cookie": {"hub"},
    "proxy_api": {"hub"},
    "records_api": {"hub", "records"},
    "culler_api": {"hub", "culler"},
    "metrics": {"metrics"},
    "metrics_api": {"hub", "metrics"},
    "worker": {"records", "worker-1", "worker-2"},
    "portal_session": {"records"},
    "id_numbers": {"records", "housekeeping"},
}


def table(run):
    return {part.name: part for part in parts(run, Path("/run/traefik.yaml"))}


def test_each_secret_reaches_those_who_need_it_and_nobody_else(make_run):
    run = make_run()
    secrets = dataclasses.asdict(run.secrets)
    found = {
        name: {part.name for part in table(run).values() if value in part.env.values()}
        for name, value in secrets.items()
    }
    assert found == HOLDERS


def test_no_secret_is_on_a_command_line(make_run):
    run = make_run()
    words = [word for part in table(run).values() for word in part.command]
    assert not [value for value in dataclasses.asdict(run.secrets).values() if value in words]


def test_the_operators_environment_stays_outside(make_run):
    for part in table(make_run()).values():
        assert "AWS_SECRET_ACCESS_KEY" not in part.env
        assert part.env["HOME"] == "/home/op"


def test_the_worker_knows_neither_database_nor_data(make_run):
    run = make_run(environ={"PATH": "", "YANXIU_DATABASE_URL": "postgresql+psycopg://u:p@db/y"})
    worker = table(run)["worker-1"]
    assert not {"YANXIU_DATABASE_URL", "YANXIU_DATA", "YANXIU_SITE"} & set(worker.env)
    assert not [name for name in worker.env if name.startswith("JUPYTERHUB")]
    assert "YANXIU_DATABASE_URL" in table(run)["records"].env


def test_the_launcher_starts_first(make_run):
    assert next(iter(table(make_run()))) == "launcher"


@pytest.mark.parametrize(("isolation", "given"), [(True, False), (False, True)])
def test_no_isolation_is_said_to_the_launcher_and_the_pages(make_run, isolation, given):
    found = table(make_run(isolation=isolation))
    assert ("--no-isolation" in found["launcher"].command) is given
    assert {found[name].env["YANXIU_ISOLATION"] for name in ("hub", "records")} == {
        str(int(isolation))
    }


@pytest.mark.parametrize("workers", [1, 3])
def test_there_are_as_many_workers_as_the_site_says(make_run, workers):
    run = make_run()
    grading = run.site.grading.model_copy(update={"workers": workers})
    run = dataclasses.replace(run, site=run.site.model_copy(update={"grading": grading}))
    assert sum(name.startswith("worker-") for name in table(run)) == workers


@pytest.mark.parametrize("processes", [1, 3])
def test_there_are_as_many_records_processes_as_the_site_says(make_run, processes):
    run = make_run()
    records = run.site.records.model_copy(update={"processes": processes})
    run = dataclasses.replace(run, site=run.site.model_copy(update={"records": records}))
    found = [part for name, part in table(run).items() if name.partition("-")[0] == "records"]
    assert len(found) == processes
    # Each counts in a file of its own; nothing else tells them apart.
    assert [part.env.pop("YANXIU_PART") for part in found] == [part.name for part in found]
    assert len({(part.command, tuple(sorted(part.env.items()))) for part in found}) == 1
