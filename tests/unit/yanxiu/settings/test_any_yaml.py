"""Whatever stands in site.yaml, ``yanxiu check`` answers with a sentence: never with a traceback."""

import contextlib
import copy
import io
import tempfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from yanxiu.cli.main import main

from tests.support.site import ROOT

DEMO = (ROOT / "hub/sites/demo/site.yaml").read_text("utf-8")
QUIET = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def check(content: bytes) -> str:
    """Run the command on a file of these bytes; return what it says."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "site.yaml").write_bytes(content)
        done = CliRunner().invoke(main, ["check", "--site", folder])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
    assert done.exit_code in (0, 1), done.output
    assert done.output.strip()
    assert "Traceback" not in done.output
    return done.output


def whole():
    """Return the demonstration's settings with one of each kind of provider beside them."""
    data = YAML(typ="safe", pure=True).load(DEMO)
    title = {"zh_CN": "省平台"}
    data["sso"] = {
        "sheng": {"kind": "cas", "title": title, "url": "https://cas.example.cn"},
        "guojia": {"kind": "oidc", "title": title, "issuer": "https://id.example.cn",
                   "client_id": "x", "roles": {"a": "teacher"}, "claims": {"subject": "sub"}},
        "piao": {"kind": "ticket", "title": title, "login_url": "https://a.example.cn",
                 "api_url": "https://b.example.cn", "app_id": "1"},
    }  # fmt: skip
    data["public"] = {"portal": "https://portal.example.cn", "servers": "https://lab.example.cn"}
    return data


def paths(value, here=()):
    """Yield every place in nested settings."""
    yield here
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, inner in items:
        yield from paths(inner, (*here, key))


PLACES = [one for one in paths(whole()) if one]
ODD = st.one_of(
    st.sampled_from(
        [
            None, True, 0, -1, 10**30, 2**63, float("nan"), float("inf"), -0.0, "", " ", "\0", "\x85",
            "\U0001f600", "2030-06-30", "2030-06-30 24:00", "2030-13-01", "0000-00-00", "2030-06-30T00:00:00+99:99",
            "9999-12-31 23:59", "0001-01-01", "٣٠٢٠-٠١-٠١", "..", "/", "/dev/null", "/proc/self/mem", "a" * 5000,
            "http://[", "https://:0", "https://x:99999", "https://\u2100", "//", "1e400", "0o8", [], {}, [[]], [None],
            {"": ""}, {None: None}, {1: 1}, {True: {}}, {"zh_CN": 3}, {"kind": ["cas"]},
        ]
    ),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.dates().map(str),
        lambda inner: st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=8) | st.integers() | st.none(), inner, max_size=3),
        max_leaves=6,
    ),
)  # fmt: skip


def written(data) -> bytes:
    out = io.BytesIO()
    YAML(typ="safe", pure=True).dump(data, out)
    return out.getvalue()


def put(data, place, value):
    for key in place[:-1]:
        data = data[key]
    data[place[-1]] = value


def test_the_settings_that_are_changed_are_good_as_they_are():
    assert "没有问题" in check(written(whole()))
    assert len(PLACES) > 60


@QUIET
@given(st.sampled_from(PLACES), ODD)
def test_anything_in_any_place(place, value):
    data = copy.deepcopy(whole())
    put(data, place, value)
    check(written(data))


@QUIET
@given(st.sampled_from(PLACES), st.sampled_from(PLACES), ODD)
def test_a_key_nobody_knows_and_two_places_at_once(one, other, value):
    data = copy.deepcopy(whole())
    put(data, one, copy.deepcopy(value))
    inner = data
    with contextlib.suppress(LookupError, TypeError):  # the first place may have taken it away
        for key in other:
            inner = inner[key]
    if isinstance(inner, dict):
        inner["没有的"] = value
    check(written(data))


RAW = [
    "&a [*a]", "&a {x: *a}", "*nothing", "!!python/object:os.system x", "!!binary x", "!!set {a, b}", "!!omap [a: 1]",
    "!!timestamp x", "!!timestamp 2030-06-30 24:00", "!!int x", "!!float x", "!!bool x", "!!null x", "!own {}", "? [a]\n: b",
    "{[1, 2]: 3}", "{{a: 1}: 2}", "|\n  text", ">-\n", "[" * 400, "{a: " * 400, "2030-06-30T00:00:00.5+08:00", "=", "<<: 1", "{<<: [1]}",
    "1:30", "0x", "1_000", ".nan", "~", "%TAG ! x", "---", "...", "'", '"\\', '"\\ud800"', "\t", "\ufeff",
]  # fmt: skip


@pytest.mark.parametrize("raw", RAW)
@pytest.mark.parametrize(
    "place", ["name: ", "offerings:\n  a: ", "grading: {wall_s: ", "", "sso: {a: "]
)
def test_raw_yaml_in_some_places(place, raw):
    check(f"{place}{raw}\n".encode())
    head = "name: {zh_CN: 县}\ncounty: {code: '330199', name: 县}\nschools: {'2133000001': {name: 校}}\n"
    check(f"{head}{place}{raw}{'}' * place.count('{')}\n".encode())


@QUIET
@given(st.text(max_size=200))
@example("- " * 1500)
@example("a: " * 3)
def test_any_text(text):
    check(text.encode("utf-8", "surrogatepass"))


@QUIET
@given(st.binary(max_size=200))
@example(b"\xff\xfe" + "name: 县".encode("utf-16-le"))
@example("name: 县".encode("gb18030"))
@example(b"\0" * 50)
def test_any_bytes(data):
    check(data)
