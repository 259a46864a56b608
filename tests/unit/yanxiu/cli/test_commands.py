"""The command line: help in two languages, errors as sentences, exit codes, demo or not."""

import os
import re
import stat
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from yanxiu.store import runner, tasks
from yanxiu.store.engine import open_store

from tests.support.site import ROOT, YANXIU
from tests.support.tasks import COUNT, kinds

SITE = ROOT / "hub/sites/demo"
COMMANDS = ("up", "apply", "upgrade", "check", "code", "token", "roster", "course")
COMMANDS += ("backup", "restore", "secrets", "secrets rotate", "secrets retire")
COMMANDS += ("course import", "course export", "course list")


def yanxiu(*arguments: object, lang: str = "zh_CN", code: int = 0) -> str:
    done = subprocess.run(
        [YANXIU, *map(str, arguments)],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "YANXIU_LANG": lang},
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_complete_in_both_languages(command):
    words = command.split()
    chinese, english = yanxiu(*words, "--help"), yanxiu(*words, "--help", lang="en")
    assert re.search(r"[\u4e00-\u9fff]", chinese)
    assert not re.search(r"[\u4e00-\u9fff]", english)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the demo site's people, but no demonstration."""
    folder = tmp_path_factory.mktemp("cli") / "data"
    assert "已应用" in yanxiu("apply", "--site", SITE, "--data", folder)
    return folder


def test_apply_twice_changes_nothing_and_reports_no_drift(data):
    assert "与设置不同" not in yanxiu("apply", "--site", SITE, "--data", data)


def test_what_was_edited_wins_and_is_reported(data, tmp_path):
    text = (SITE / "site.yaml").read_text("utf-8").replace("云溪县第三小学", "云溪县实验小学")
    text = text.replace("courses/xinxi2", str((SITE / "courses/xinxi2").resolve()))
    (tmp_path / "site.yaml").write_text(text, "utf-8")
    (tmp_path / "roster.xlsx").write_bytes((SITE / "roster.xlsx").read_bytes())
    said = yanxiu("apply", "--site", tmp_path, "--data", data)
    assert "设置里是 云溪县实验小学，平台里是 云溪县第三小学" in said


def test_the_first_organizer_gets_a_code_and_a_stranger_a_sentence(data):
    code = yanxiu("code", "--data", data, "9000").strip()
    assert re.fullmatch(r"[2-9A-Z]{9}(-[2-9A-Z]{9}){2}", code)
    assert "花名册里没有" in yanxiu("code", "--data", data, "nobody", code=1)


def test_a_token_is_for_known_people_and_scopes(data):
    assert yanxiu("token", "--data", data, "1001", "--scope", "learn").startswith("yxt_")
    yanxiu("token", "--data", data, "1001", "--scope", "admin", code=2)
    yanxiu("token", "--data", data, "1001", "--scope", "learn", "--hours", "99999", code=2)
    assert "花名册里没有" in yanxiu("token", "--data", data, "x", "--scope", "learn", code=1)


def test_check_tells_what_the_platform_could_not_do_by_itself(data, tmp_path):
    assert "没有问题" in yanxiu("check", "--site", SITE)
    assert "都正常" in yanxiu("check", "--site", SITE, "--data", data)
    store = open_store(f"sqlite:///{data}/db/yanxiu.sqlite", data / "blobs")
    regular = kinds(_breaks, every=timedelta(hours=6), tries=1)
    tasks.schedule(store, regular)
    runner.work_off(store, regular)
    said = yanxiu("check", "--site", SITE, "--data", data, code=1)
    assert f"后台任务 {COUNT} " in said and "没有做成（task.broken）" in said
    assert "failed at" in yanxiu("check", "--site", SITE, "--data", data, lang="en", code=1)
    store.close()


def _breaks(run):
    raise ValueError


def test_the_list_of_courses_tells_what_is_held(data):
    said = yanxiu("course", "list", "--data", data)
    assert re.search(r"xinxi2  .+  发布 1 次，最近 [0-9a-f]{12}；开课：\S+", said)


def test_real_accounts_are_never_turned_into_demo_accounts(data):
    said = yanxiu("up", "--site", SITE, "--data", data, "--port", 1024, "--demo", code=1)
    assert "正式的账号，不能用 --demo" in said
    assert not (data / "demo-accounts.csv").exists()


@pytest.mark.parametrize(
    ("options", "missing"), [((), "--site"), (("--site", SITE), "--data")], ids=["none", "a site"]
)
def test_only_a_demonstration_may_leave_out_where_it_is(options, missing):
    assert missing in yanxiu("up", *options, code=2)


def test_a_demonstration_that_is_not_installed_says_how_to_get_it(tmp_path):
    said = yanxiu("up", "--demo", "--data", tmp_path / "d", code=1)
    assert "安装 yanxiu-courses，或用 --site" in said
    assert not (tmp_path / "d").exists()


def test_a_wrong_site_starts_nothing(tmp_path):
    said = yanxiu("up", "--site", tmp_path, "--data", tmp_path / "d", code=1)
    assert "找不到" in said
    assert not (tmp_path / "d").exists()


def test_the_data_folder_is_the_owners_alone(data):
    for name in ("db", "blobs", "secrets", "homes"):
        assert stat.S_IMODE((data / name).stat().st_mode) == 0o700
