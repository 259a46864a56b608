"""What sandboxes see of a machine, and what is said when it forbids them."""

import sys
from pathlib import Path

import pytest
import yanxiu
from yanxiu.errors import SettingsError
from yanxiu.sandbox.bwrap import Host
from yanxiu.sandbox.host import check_data, look, masked, missing_setting


def set_(folder: Path, name: str, value: str) -> None:
    """Write one setting below a made-up ``/proc/sys``."""
    path = folder / name.replace(".", "/")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{value}\n")


@pytest.mark.parametrize(
    ("present", "line"),
    [
        ({}, None),
        ({"kernel.unprivileged_userns_clone": "1"}, None),
        ({"kernel.unprivileged_userns_clone": "0"}, "kernel.unprivileged_userns_clone=1"),
        ({"user.max_user_namespaces": "0"}, "user.max_user_namespaces=15000"),
        (
            {"kernel.apparmor_restrict_unprivileged_userns": "1"},
            "kernel.apparmor_restrict_unprivileged_userns=0",
        ),
    ],
)
def test_the_one_line_that_allows_sandboxes(tmp_path, present, line):
    for name, value in present.items():
        set_(tmp_path, name, value)
    assert missing_setting(tmp_path) == line


def test_python_is_seen_at_its_own_place_and_the_hub_is_not():
    host = look()
    shown = [Path(target) for _, target in host.folders]
    assert any(Path(sys.prefix).is_relative_to(path) for path in shown)
    assert any(Path(sys.base_prefix).is_relative_to(path) for path in shown)
    hub = Path(yanxiu.__file__).parent
    masked = [Path(path) for path in host.masked]
    assert hub in masked or not any(hub.is_relative_to(path) for path in shown)


def test_what_is_hidden_is_hidden_at_every_place_that_shows_it(tmp_path):
    """An environment that is reached over a link is mounted twice: under both names."""
    real, link = tmp_path / "disk" / "env", tmp_path / "env"
    hub = real / "lib" / "yanxiu"
    hub.mkdir(parents=True)
    link.symlink_to(real)
    folders = [(real, str(link)), (real, str(real)), (tmp_path / "other", "/other")]
    outside = tmp_path / "sources" / "yanxiu_courses"
    assert masked([link / "lib" / "yanxiu", outside], folders) == (
        str(link / "lib" / "yanxiu"),
        str(hub),
    )


def test_nothing_of_etc_tells_who_is_on_this_machine():
    shown = {target: source for source, target in look().folders if target.startswith("/etc/")}
    assert not {"/etc/shadow", "/etc/hostname", "/etc/resolv.conf", "/etc/ssh"} & shown.keys()
    assert "teacher" in shown["/etc/passwd"].read_text()


def test_data_that_every_sandbox_would_see_is_refused(tmp_path):
    host = Host(links=(), folders=((tmp_path / "venv", "/venv"),))
    check_data(tmp_path / "data", host)
    with pytest.raises(SettingsError, match="数据目录") as refused:
        check_data(tmp_path / "venv" / "data", host)
    assert "Choose another folder" in str(refused.value)
