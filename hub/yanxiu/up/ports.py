"""The ports of one run: the public one that was asked for, and free ones for the parts.

Chosen once at the start and handed on by environment, so that a part that comes back
answers where the others look for it. Called by ``main``.
"""

import errno
import random
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from yanxiu.errors import SettingsError
from yanxiu.settings.model import MetricsSettings

LOOPBACK = "127.0.0.1"
EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")


@dataclass(frozen=True)
class Ports:
    """Where each part listens. All but ``public`` on the loopback only."""

    public: int
    hub: int
    records: int
    proxy_api: int
    #: Where records answers the grading worker.
    internal: int = 0
    #: Where a monitor reads metrics, on the host that the settings name.
    metrics: int = 0
    #: Where the proxy answers what its front has let in.
    proxy: int = 0


def choose(host: str, public: int, monitor: MetricsSettings | None = None) -> Ports:
    """Return the ports of this run.

    :raises SettingsError: ``public`` cannot be bound on ``host``, or the port of metrics on its.
    """
    check_free(host, public)
    fixed = monitor.port if monitor else None
    if monitor and fixed:
        try:
            _bind(monitor.host, fixed)
        except OSError as error:
            raise SettingsError(
                f"site.yaml: metrics 的 {monitor.host}:{fixed} 不能用：{error.strerror}。"
                "请换一个端口，或不写 port，由平台选一个。"
            ) from error
    hub, records, proxy_api, internal, proxy, free = free_ports(6, avoid={public, fixed or 0})
    return Ports(
        public,
        hub=hub,
        records=records,
        proxy_api=proxy_api,
        internal=internal,
        metrics=fixed or free,
        proxy=proxy,
    )


def check_free(host: str, port: int) -> None:
    """Say with a sentence why ``host:port`` cannot be served."""
    try:
        _bind(host, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise SettingsError(
                f"端口 {port} 已被占用。请停止占用它的程序，或换一个端口"
                f"（make run PORT={port + 1}，或 yanxiu up --port {port + 1}）。"
            ) from error
        raise SettingsError(
            f"不能在 {host}:{port} 上提供服务：{error.strerror}。请换一个地址或端口。"
        ) from error


def free_ports(count: int, avoid: Iterable[int] = ()) -> list[int]:
    """Return ``count`` different free loopback ports.

    Below the kernel's ephemeral range: while a part is being restarted, an outgoing
    connection must not be given its port.
    """
    taken = set(avoid)
    low = int(EPHEMERAL.read_text().split()[0]) if EPHEMERAL.exists() else 32768
    candidates = range(15000, low) if low > 16000 else range(20000, 65000)
    found: list[int] = []
    for port in random.sample(candidates, k=min(1000, len(candidates))):
        if port in taken:
            continue
        try:
            _bind(LOOPBACK, port)
        except OSError:
            continue
        found.append(port)
        if len(found) == count:
            return found
    raise SettingsError("找不到空闲的本机端口。请关闭一些程序后再启动。")


def _bind(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        # As the parts do: a port in TIME_WAIT from the last run is not busy.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(1)
