"""What the idle culler is told, and what it says when the hub is away."""

import asyncio
import inspect
from pathlib import Path

import pytest
from jupyterhub_idle_culler import cull_idle
from yanxiu.culler.process import EVERY_S, options, serve
from yanxiu.errors import SettingsError
from yanxiu.up.parts import parts
from yanxiu.up.ports import free_ports

SITE = """
name: {zh_CN: 示范县研修平台}
county: {code: "330100", name: 示范县}
schools: {"2133000001": {name: 县三小}}
server: {idle_minutes: %d}
"""


@pytest.fixture
def environ(make_run, tmp_path):
    """What ``up`` gives to the culler."""
    site, data = tmp_path / "site", tmp_path / "data"
    site.mkdir()
    (data / "db").mkdir(parents=True)
    run = make_run(site_dir=site, data_dir=data)
    return dict(next(part for part in parts(run, Path("t")) if part.name == "culler").env)


@pytest.mark.parametrize("minutes, timeout_s", [(120, 7200), (0, 0)])
def test_the_idle_time_is_the_sites(environ, minutes, timeout_s):
    Path(environ["YANXIU_SITE"], "site.yaml").write_text(SITE % minutes, "utf-8")
    chosen = options(environ)
    assert chosen["inactive_limit"] == timeout_s
    assert chosen["url"] == "http://127.0.0.1:15001/hub/api"
    assert set(chosen) <= set(inspect.signature(cull_idle).parameters)
    assert EVERY_S < 60


async def test_a_hub_that_is_away_is_a_line_without_the_token(environ, caplog):
    Path(environ["YANXIU_SITE"], "site.yaml").write_text(SITE % 1, "utf-8")
    (port,) = free_ports(1)
    chosen = options(environ) | {"url": f"http://127.0.0.1:{port}/hub/api"}
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(serve(chosen), 2)
    assert "The hub did not answer" in caplog.text
    assert "Traceback" not in caplog.text
    assert environ["JUPYTERHUB_API_TOKEN"] not in caplog.text


def test_a_missing_variable_is_named(environ):
    del environ["JUPYTERHUB_API_TOKEN"]
    with pytest.raises(SettingsError, match="JUPYTERHUB_API_TOKEN"):
        options(environ)
