"""Start every part in order, say when it serves, and end everything in order.

Called by the command line's ``up``. Decides the order and the words; ``child`` keeps a
part alive, ``parts`` knows what the parts are.
"""

import asyncio
import ipaddress
import os
import shutil
import signal
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from yanxiu.errors import SettingsError
from yanxiu.sandbox import descriptors, weaknesses
from yanxiu.settings import secrets
from yanxiu.settings.model import Site
from yanxiu.settings.public import judge, resolve

from . import traefik
from .child import Child
from .lock import only_one
from .logs import rotate
from .parts import HEALTH, METRICS_ADDRESS, METRICS_FILES, Run, parts
from .ports import LOOPBACK, choose
from .ready import http_ok, launcher_status

Echo = Callable[[str], object]

START_S = 90.0
STOP_S = 8.0
ROTATE_EVERY_S = 10.0


def run(
    settings: Site,
    site_dir: Path,
    data_dir: Path,
    port: int,
    demo: bool,
    isolation: bool,
    echo: Echo,
    host: str = LOOPBACK,
    one_origin: bool = False,
    prepare: Callable[[secrets.Secrets], None] | None = None,
) -> int:
    """Serve until Ctrl-C or SIGTERM; return the exit code.

    :param echo: takes the lines for the operator
    :param prepare: called once the data folder is ours alone, before anything starts
    :raises SettingsError: nothing was started, and the sentence says why
    """
    if demo and not _is_loopback(host):
        raise SettingsError(
            f"演示账号只能在本机使用，不能用 --demo 在 {host} 上提供服务。"
            "请去掉 --demo，或只监听 127.0.0.1。"
        )
    public = settings.public
    layout = resolve(public.portal, public.servers, host=host, port=port, one_origin=one_origin)
    findings = judge(layout, proxies=bool(public.proxies))
    if refused := [one.text for one in findings if one.level == "refused"]:
        raise SettingsError("\n".join(f"site.yaml: {text}" for text in refused))
    for one in findings:
        echo(f"注意：{one.text}")
    data_dir = data_dir.resolve()
    # Databases, homes and logs are nobody else's on this machine; the parts inherit it.
    os.umask(0o077)
    # A sandbox that a teacher opened a page in holds dozens; the proxy two for each visitor.
    files = descriptors.allow_all()
    with only_one(data_dir):
        plan = Run(
            site=settings,
            site_dir=site_dir.resolve(),
            data_dir=data_dir,
            ports=choose(host, port, settings.metrics),
            secrets=secrets.load_or_create(data_dir),
            environ=os.environ,
            layout=layout,
            host=host,
            demo=demo,
            isolation=isolation,
        )
        (data_dir / "db").mkdir(mode=0o700, exist_ok=True)
        # Of the last run: its numbers may have other names than this version's.
        shutil.rmtree(data_dir / METRICS_FILES, ignore_errors=True)
        (data_dir / METRICS_FILES).mkdir(mode=0o700)
        # For ``yanxiu metrics``, which asks it where it is.
        (data_dir / METRICS_ADDRESS).write_text(
            f"{settings.metrics.host}:{plan.ports.metrics}\n", encoding="ascii"
        )
        if prepare:
            prepare(plan.secrets)
        static_file, _ = traefik.write(
            data_dir / "run", host, plan.ports, layout, public.proxies, files
        )
        children = [Child(part, data_dir / "log") for part in parts(plan, static_file)]
        return asyncio.run(Supervisor(plan, children, echo).serve())


class Supervisor:
    """The parts of one run, from the first start to the last end."""

    def __init__(self, plan: Run, children: list[Child], echo: Echo):
        self.plan = plan
        self.children = children
        self.echo = echo
        self.asked_to_stop = asyncio.Event()

    async def serve(self) -> int:
        """Start, serve until asked to stop, end everything."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._stop_asked)
        starting = asyncio.create_task(self._start())
        stop = asyncio.create_task(self.asked_to_stop.wait())
        rotating = asyncio.create_task(self._rotate())
        try:
            await asyncio.wait({starting, stop}, return_when=asyncio.FIRST_COMPLETED)
            if not starting.done():
                starting.cancel()
            elif failure := starting.result():
                self.echo(failure)
                return 1
            await stop
            return 0
        finally:
            rotating.cancel()
            self.echo("正在停止……")
            await self._stop()
            self.echo("已全部停止。")

    async def _start(self) -> str | None:
        """Start the parts; return why it failed, or None once everything serves."""
        started = asyncio.get_running_loop().time()
        launcher, *rest = self.children
        waiting = launcher
        try:
            async with asyncio.timeout(START_S):
                # The launcher first and alone: where it may not make sandboxes, nothing starts.
                for group in ([launcher], rest):
                    for child in group:
                        child.start()
                    for waiting in group:
                        self.echo(f"  正在启动{waiting.part.title}……")
                        if not await waiting.wait_ready():
                            return self._failure(waiting)
                await self._wait_for_portal()
        except TimeoutError:
            return self._too_slow(waiting)
        self._welcome(asyncio.get_running_loop().time() - started)
        await self._weaknesses()
        return None

    async def _wait_for_portal(self) -> None:
        port, portal = self.plan.ports.public, self.plan.layout.portal
        while True:
            with suppress(OSError):
                if await http_ok(port, HEALTH, host=_reach(self.plan.host), name=portal.host):
                    return
            await asyncio.sleep(0.1)

    def _welcome(self, took_s: float) -> None:
        site = self.plan.site.name.zh_CN
        self.echo(f"{site} 已就绪（{took_s:.1f} 秒）：{self.plan.layout.portal}")
        if self.plan.demo:
            self.echo(f"演示账号在 {self.plan.data_dir / 'demo-accounts.csv'}")
        if not self.plan.isolation:
            self.echo("注意：未启用沙箱隔离（--no-isolation），请勿让他人使用。")
        self.echo("按 Ctrl-C 停止。")

    async def _weaknesses(self) -> None:
        """Say what sandboxes do not keep apart on this machine."""
        if self.plan.isolation:
            status = await launcher_status(self.plan.launcher_socket)
            # None: it has just ended, and its keeper tells.
            if status:
                self.echo(f"沙箱的限额：{weaknesses.HELD_BY[status.limits_by]}")
            for weakness in status.not_isolated if status else ():
                self.echo(f"注意：{weakness}")

    def _failure(self, child: Child) -> str:
        lines = child.last_lines(12)
        if child.refused and lines:
            return "\n".join(lines)
        return (
            f"{child.part.title}没有启动成功（退出码 {child.exit_code}）。"
            f"完整日志：{child.log}\n最后几行：\n" + "\n".join(f"  {line}" for line in lines[-5:])
        )

    def _too_slow(self, waiting: Child) -> str:
        return (
            f"{waiting.part.title}在 {START_S:.0f} 秒内没有就绪，已停止。完整日志：{waiting.log}，"
            "请确认磁盘和内存充足后重试。"
        )

    def _stop_asked(self) -> None:
        if self.asked_to_stop.is_set():
            # Asked twice: at once. What is tied to us dies with us.
            os._exit(130)
        self.asked_to_stop.set()

    async def _stop(self) -> None:
        """End the parts in the order opposite to their start, the launcher's servers last."""
        launcher, *rest = self.children
        await asyncio.gather(*(child.stop(STOP_S) for child in reversed(rest)))
        await launcher.stop(STOP_S)

    async def _rotate(self) -> None:
        while True:
            await asyncio.sleep(ROTATE_EVERY_S)
            for child in self.children:
                await asyncio.to_thread(partial(rotate, child.log))


def _is_loopback(host: str) -> bool:
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def _reach(host: str) -> str:
    """Return the address under which this machine reaches a server bound to ``host``."""
    return {"0.0.0.0": LOOPBACK, "::": "::1"}.get(host, host)  # noqa: S104
