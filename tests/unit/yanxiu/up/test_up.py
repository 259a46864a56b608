"""Ports, lock, logs, waiting times and the proxy's configuration: small and without parts."""

import json
import socket
import stat
import subprocess
import sys
from importlib.util import find_spec

import pytest
from yanxiu.errors import SettingsError
from yanxiu.settings.public import layout
from yanxiu.up import ports, traefik
from yanxiu.up.backoff import DELAYS_S, WELL_AFTER_S, Backoff
from yanxiu.up.lock import only_one
from yanxiu.up.logs import rotate, tail
from yanxiu.up.main import run as run_up


class TestPorts:
    def test_a_busy_port_is_refused_with_the_way_out(self):
        with socket.create_server(("127.0.0.1", 0)) as busy:
            port = busy.getsockname()[1]
            with pytest.raises(SettingsError, match=f"端口 {port} 已被占用.*PORT={port + 1}"):
                ports.choose("127.0.0.1", port)

    def test_an_address_of_another_machine_is_refused(self):
        with pytest.raises(SettingsError, match=r"不能在 192\.0\.2\.1:"):
            ports.check_free("192.0.2.1", 18999)

    def test_a_port_that_was_just_served_can_be_served_again(self):
        """A closed connection keeps the port in TIME_WAIT for a minute."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            client = socket.create_connection(("127.0.0.1", port))
            accepted, _ = server.accept()
            accepted.close()  # the server closes first: TIME_WAIT is its own
            client.close()
        ports.check_free("127.0.0.1", port)

    def test_free_ports_differ_and_are_not_given_to_outgoing_connections(self):
        low = int(ports.EPHEMERAL.read_text().split()[0])
        found = ports.free_ports(5)
        assert len(set(found)) == 5
        if low > 16000:
            assert max(found) < low


class TestLock:
    def test_two_on_one_folder_are_refused(self, tmp_path):
        with only_one(tmp_path):
            holds = subprocess.run(
                [sys.executable, "-c", CLAIM, str(tmp_path)],
                capture_output=True,
                text=True,
                check=False,
            )
        assert "正被另一个 yanxiu up 使用" in holds.stderr

    def test_the_next_may_have_it(self, tmp_path):
        for _ in range(2):
            with only_one(tmp_path):
                pass

    def test_a_folder_that_is_a_file_is_a_sentence(self, tmp_path):
        (tmp_path / "data").touch()
        with pytest.raises(SettingsError, match="无法写入"), only_one(tmp_path / "data"):
            pass


CLAIM = """
import sys
from pathlib import Path
from yanxiu.up.lock import only_one
with only_one(Path(sys.argv[1])):
    pass
"""


class TestLogs:
    @pytest.mark.parametrize(
        ("size", "rotated"),
        [(0, False), (100, False), (101, True)],
    )
    def test_only_a_too_large_log_is_rotated(self, tmp_path, size, rotated):
        log = tmp_path / "a.log"
        log.write_bytes(b"x" * size)
        rotate(log, max_bytes=100)
        assert (tmp_path / "a.log.1").exists() is rotated
        assert log.stat().st_size == (0 if rotated else size)

    def test_three_old_ones_are_kept(self, tmp_path):
        log = tmp_path / "a.log"
        for number in range(6):
            log.write_text(f"{number}" * 200)
            rotate(log, max_bytes=100)
        kept = sorted(file.name for file in tmp_path.iterdir())
        assert kept == ["a.log", "a.log.1", "a.log.2", "a.log.3"]
        assert (tmp_path / "a.log.1").read_text()[0] == "5"
        assert stat.S_IMODE((tmp_path / "a.log.1").stat().st_mode) == 0o600

    def test_a_writer_goes_on_in_the_same_file(self, tmp_path):
        log = tmp_path / "a.log"
        with log.open("ab", buffering=0) as writer:
            writer.write(b"x" * 200)
            rotate(log, max_bytes=100)
            writer.write(b"after\n")
        assert log.read_bytes() == b"after\n"

    def test_the_tail_is_of_this_run(self, tmp_path):
        log = tmp_path / "a.log"
        log.write_text("old\n")
        start = log.stat().st_size
        with log.open("a") as writer:
            writer.write("new 1\n\nnew 2\n")
        assert tail(log, 5, since=start) == ["new 1", "new 2"]
        assert tail(tmp_path / "none.log") == []


class TestBackoff:
    def test_the_first_return_is_within_a_second_and_the_longest_wait_is_bounded(self):
        backoff = Backoff()
        waits = [backoff.after(lived_s=0) for _ in range(20)]
        assert waits[0] <= 1
        assert waits == sorted(waits)
        assert waits[-1] == DELAYS_S[-1] <= 15

    @pytest.mark.parametrize(
        ("lived_s", "again"), [(WELL_AFTER_S - 1, False), (WELL_AFTER_S, True)]
    )
    def test_a_long_life_begins_the_table_again(self, lived_s, again):
        backoff = Backoff(deaths=5)
        assert (backoff.after(lived_s) == DELAYS_S[0]) is again


LAYOUT = layout("http://127.0.0.1:8000", "http://localhost:8000")
ONE_ORIGIN = layout("http://127.0.0.1:8000", "http://127.0.0.1:8000", one_origin=True)


class TestProxy:
    PORTS = ports.Ports(
        public=8000, hub=15001, records=15002, proxy_api=15003, internal=15004, proxy=15005
    )

    def test_routes_of_the_last_run_are_dropped(self, tmp_path):
        _, rules = traefik.write(tmp_path, "127.0.0.1", self.PORTS, LAYOUT)
        (rules / "hub.toml").write_text("old")
        (rules / "hub.toml-tmp-abc").write_text("half")
        traefik.write(tmp_path, "127.0.0.1", self.PORTS, LAYOUT)
        assert sorted(file.name for file in rules.iterdir()) == [
            *("front.yaml", "origins.yaml", "shared.yaml")
        ]
        traefik.write(tmp_path, "127.0.0.1", self.PORTS, ONE_ORIGIN)
        assert "routers" not in json.loads((rules / "origins.yaml").read_text())["http"]

    def test_its_api_is_on_the_loopback_whatever_the_site_binds(self, tmp_path):
        static = traefik.static("0.0.0.0", self.PORTS, tmp_path)
        assert static["entryPoints"]["front"]["address"] == "0.0.0.0:8000"
        assert static["entryPoints"]["http"]["address"] == "127.0.0.1:15005"
        assert static["entryPoints"]["auth_api"]["address"] == "127.0.0.1:15003"
        assert "accessLog" not in static

    def test_whoever_comes_by_a_proxy_of_ours_is_counted_there(self):
        alone = traefik.front_rules(self.PORTS, 200)["tcp"]["routers"]
        behind = traefik.front_rules(self.PORTS, 200, ["127.0.0.1", "10.0.0.0/24"])["tcp"][
            "routers"
        ]
        assert alone.keys() == {"everybody"}
        assert behind["everybody"]["middlewares"] == ["connections"]
        assert behind["proxies"]["middlewares"] == []
        assert behind["proxies"]["priority"] > behind["everybody"]["priority"]
        assert "ClientIP(`127.0.0.1`) || ClientIP(`10.0.0.0/24`)" in behind["proxies"]["rule"]


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "example.net"])
def test_demo_accounts_never_leave_the_machine(tmp_path, make_run, host):
    with pytest.raises(SettingsError, match="演示账号只能在本机使用"):
        run_up(make_run().site, tmp_path, tmp_path / "d", 8000, True, True, print, host=host)
    assert not (tmp_path / "d").exists()


def test_no_process_compiles_the_grammar_that_nobody_uses():
    """It would take longer than everything else at each start; ``make lock`` leaves it out."""
    assert find_spec("rfc3987_syntax") is None
