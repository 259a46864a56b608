"""A run to make the table of parts from."""

from pathlib import Path

import pytest
from yanxiu.settings.model import County, School, Site, Text
from yanxiu.settings.public import layout
from yanxiu.settings.secrets import load_or_create
from yanxiu.up.parts import Run
from yanxiu.up.ports import Ports


@pytest.fixture
def make_run(tmp_path):
    def make(**changes) -> Run:
        site = Site(
            name=Text(zh_CN="示范县研修平台"),
            county=County(code="330100", name="示范县"),
            schools={"2133000001": School(name="县三小")},
        )
        values = {
            "site": site,
            "site_dir": Path("/site"),
            "data_dir": tmp_path,
            "ports": Ports(
                public=8000, hub=15001, records=15002, proxy_api=15003, internal=15004, proxy=15005
            ),
            "secrets": load_or_create(tmp_path),
            "layout": layout("http://127.0.0.1:8000", "http://localhost:8000"),
            "environ": {"PATH": "/usr/bin", "HOME": "/home/op", "AWS_SECRET_ACCESS_KEY": "x"},
        }
        return Run(**{**values, **changes})

    return make
