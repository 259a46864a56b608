"""A time in the settings is an instant, and no site.yaml ends in a traceback."""

from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from yanxiu.cli import main
from yanxiu.clock import is_over
from yanxiu.errors import SettingsError
from yanxiu.settings.load import load_site
from yanxiu.settings.times import instant
from yanxiu.work.policies import check_window

from .test_load import GOOD

DUE = "{due: 2026-12-31 23:59}"
#: 23:59 in Shanghai on the last day of 2026.
LAST = datetime(2026, 12, 31, 15, 59, tzinfo=UTC)


def load(tmp_path, text):
    (tmp_path / "site.yaml").write_text(text, "utf-8")
    return load_site(tmp_path)


def dates(tmp_path, text):
    assert DUE in GOOD
    return load(tmp_path, GOOD.replace(DUE, text)).offerings["c1-demo"].units["u1"]


@pytest.mark.parametrize(
    "written",
    [
        "2026-12-31",
        "2026-12-31 23:59",
        "2026/12/31 23:59",
        '"2026-12-31T23:59"',
        '"2026-12-31T23:59:00+08:00"',
        "2026-12-31T23:59:00+08:00",
        "2026-12-31 15:59:00Z",
        "2027-01-01 00:59:00+09:00",
        '"2026-12-31 10:59 -05"',
    ],
)
def test_a_day_alone_ends_and_offsets_are_believed(tmp_path, written):
    assert dates(tmp_path, f"{{due: {written}}}").due == LAST


def test_settings_are_judged_after_they_are_instants(tmp_path):
    """One with a zone, one without: comparing them ended in a traceback."""
    later = dates(tmp_path, '{due: "2026-12-31T23:59:00+08:00", late_until: 2027-01-15 23:59}')
    assert later.late_until - later.due == timedelta(days=15)
    with pytest.raises(SettingsError, match="late_until 应不早于 due"):
        dates(tmp_path, '{due: "2026-12-31T23:59:00+07:00", late_until: 2026-12-31 23:59}')


def test_a_course_opens_when_its_first_day_begins_and_ends_with_its_last(tmp_path):
    text = GOOD.replace("2026-09-01 00:00", "2026-09-01").replace("2027-01-31 23:59", "2027-01-31")
    offering = load(tmp_path, text).offerings["c1-demo"]
    assert offering.opens == datetime(2026, 8, 31, 16, tzinfo=UTC)
    assert offering.closes == datetime(2027, 1, 31, 15, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("2026-12-31 24:00", "没有 24:00 这个时刻；一天的最后一分钟是 23:59"),
        ("2026-02-30", "没有这个时间：2026-02-30"),
        ("2026-13-01 12:00", "没有这个时间"),
        ("9999-12-31T23:59:00-12:00", "没有这个时间"),
        ("20261231", "应是时间，如 2026-12-31 23:59"),
        ("1e400", "应是时间"),
        ("[2026]", "应是时间"),
        ("null", "应是时间"),
        ("12-31", "应是时间"),
    ],
)
def test_what_is_no_time_is_said_with_its_place(tmp_path, written, words):
    with pytest.raises(SettingsError) as error:
        dates(tmp_path, f"{{due: {written}}}")
    assert "offerings.c1-demo.units.u1.due：" in str(error.value)
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("after", "late", "closed"),
    [
        (0, False, False),
        (59, False, False),
        (60, True, False),
        (119, True, False),
        (120, True, True),
    ],
)
def test_a_minute_that_is_printed_as_due_is_open_until_it_is_over(after, late, closed):
    now = LAST + timedelta(seconds=after)
    last = {"opens_at": LAST - timedelta(days=1), "due_at": LAST}
    last["late_until"] = LAST + timedelta(minutes=1)
    assert is_over(now, LAST) is late
    if closed:
        with pytest.raises(Exception, match="closed"):
            check_window(now, **last)
    else:
        assert check_window(now, **last) is late


# ---- whatever is in the file -----------------------------------------------------------------

NODES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats()
    | st.text(max_size=20)
    | st.dates().map(str)
    | st.datetimes().map(str)
    | st.sampled_from(["2026-12-31 24:00", "2030-06-30T23:59:00+99:99", "../..", "a\0b", "oidc"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=10) | st.integers() | st.none(), inner, max_size=4)
    ),
    max_leaves=12,
)
WORDS = st.sampled_from(
    [
        *("name", "county", "schools", "courses", "offerings", "research_groups", "privacy"),
        *("code_tables", "sso", "bundle", "login", "server"),
        *("a: &a [*a]", "? [1]\n: 2", "<<: *x"),
    ]
)


def says(tmp_path, content):
    (tmp_path / "site.yaml").write_bytes(content)
    result = CliRunner().invoke(main, ["check", "--site", str(tmp_path)])
    assert result.exception is None or isinstance(result.exception, SystemExit), content
    assert result.exit_code in (0, 1)
    assert "Traceback" not in result.output
    assert result.output.strip()


FEW = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@FEW
@given(node=NODES, place=st.integers(0, 40))
def test_no_value_in_any_place_ends_in_a_traceback(tmp_path, node, place):
    import io

    from ruamel.yaml import YAML

    data = YAML(typ="safe", pure=True).load(GOOD)
    places = list(_places(data))
    parent, key = places[place % len(places)]
    parent[key] = node
    out = io.StringIO()
    YAML(typ="safe", pure=True).dump(data, out)
    says(tmp_path, out.getvalue().encode("utf-8", "surrogatepass"))


def _places(node):
    for key, value in list(node.items()):
        yield node, key
        if isinstance(value, dict):
            yield from _places(value)


@FEW
@given(
    content=st.binary(max_size=60)
    | st.text(max_size=80).map(lambda text: text.encode("utf-8", "replace"))
    | st.lists(WORDS | st.text(max_size=6), max_size=5).map(
        lambda lines: "\n".join(f"{line}: {line}" for line in lines).encode("utf-8", "replace")
    )
)
def test_no_file_ends_in_a_traceback(tmp_path, content):
    says(tmp_path, content)


@pytest.mark.parametrize(
    "content",
    [b"a: &a [*a]", b"? [1]\n: 2", b"<<: *x", b"- 1", b"\x00", b"[" * 3000, b"a: !!python/name:os.system", b"a: !!int x", b"a: 1\na: 2", b"privacy: \"a\\0b\"\n" + GOOD.encode(), b"%YAML 9.9\n---\na: 1"],
    ids=range(11),
)  # fmt: skip
def test_odd_yaml_is_a_sentence(tmp_path, content):
    says(tmp_path, content)


def test_an_instant_stays_one():
    assert instant(LAST, end=True) == LAST
