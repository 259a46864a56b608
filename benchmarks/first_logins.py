"""First logins: one-time code, hub, portal, a password of one's own, 我的研修.

``python benchmarks/first_logins.py [--people 500] [--at-once 10]`` runs the whole platform
as ``yanxiu up`` does, on this machine and for this machine only, and lets newcomers come
as fast as they are served. Prints how long all took and what one waited; exits with 1 if
a single one did not arrive or if they took more than five minutes. No stock figure: a
stock hub with local accounts has no first login.
"""

import argparse
import asyncio
import contextlib
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
from openpyxl import Workbook

LIMIT_S = 300
START_S = 150
PARTS = ("jupyterhub --config", "records.app", "traefik")
SCHOOL = "2133000001"
SITE = f"""
name: {{zh_CN: 登录测试}}
county: {{code: "330199", name: 云溪县}}
schools: {{"{SCHOOL}": {{name: 云溪县第三小学}}}}
roster: roster.xlsx
"""


def main() -> int:
    """Run, print, and return the exit code."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    parser = argparse.ArgumentParser(description="First logins on this machine.")
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--at-once", type=int, default=10)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="yanxiu-bench-") as name:
        place = Path(name)
        write_site(place / "site", asked.people)
        with platform(place) as (url, process):
            codes = hand_out(place / "data")
            began, spent = time.perf_counter(), cpu_seconds(process)
            waited = asyncio.run(everybody(url, codes, asked.at_once))
            seconds = time.perf_counter() - began
            after = cpu_seconds(process)
    good = sorted(one for one in waited if one is not None)
    failed = len(waited) - len(good)
    middle, most = good[len(good) // 2], good[int(len(good) * 0.95)]
    print(
        f"first-logins people={len(waited)} failed={failed} seconds={seconds:.0f} "
        f"rate={len(good) / seconds:.2f}/s p50={middle:.2f} p95={most:.2f} at_once={asked.at_once}"
    )
    # What a busy machine does not blur: processor time, part by part.
    for part in sorted(after):
        used = (after[part] - spent.get(part, 0)) / len(waited)
        print(f"  {part}: {used:.3f} cpu-s a login", file=sys.stderr)
    return 1 if failed or seconds > LIMIT_S else 0


def cpu_seconds(process: psutil.Process) -> dict[str, float]:
    """Return the processor time that each part of the platform has used, by its program."""
    found: dict[str, float] = {}
    for one in [process, *process.children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):
            words = " ".join(one.cmdline())
            name = next((part for part in PARTS if part in words), "other")
            times = one.cpu_times()
            found[name] = found.get(name, 0) + times.user + times.system
    return found


def write_site(folder: Path, people: int) -> None:
    """Write a site of one school."""
    folder.mkdir(parents=True)
    (folder / "site.yaml").write_text(SITE, encoding="utf-8")
    book = Workbook(write_only=True)
    sheet = book.create_sheet("教师")
    sheet.append(("姓名", "教师编号", "单位代码"))
    for number in range(people):
        sheet.append((f"赵{chr(0x4E00 + number)}", f"T{number:05}", SCHOOL))
    book.save(folder / "roster.xlsx")


@contextlib.contextmanager
def platform(place: Path) -> Iterator[tuple[str, psutil.Process]]:
    """Run ``yanxiu up`` for a block; give its address and its process."""
    from tests.support.site import YANXIU, free_port

    port, output = free_port(), place / "up.out"
    command = [YANXIU, "up", "--site", place / "site", "--data", place / "data"]
    with output.open("w") as out:
        process = subprocess.Popen(
            [*map(str, command), "--port", str(port)],
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + START_S
        while "已就绪" not in output.read_text():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the platform did not start:\n{output.read_text()[-2000:]}")
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}", psutil.Process(process.pid)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(40)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


def hand_out(data: Path) -> dict[str, str]:
    """Give everybody a one-time code, as activation slips do; return login name → code."""
    from yanxiu.login.passwords import code_digest, new_code
    from yanxiu.people.reads import people
    from yanxiu.people.reads import roster as sql
    from yanxiu.store.audit import Event
    from yanxiu.store.engine import open_store

    store = open_store(f"sqlite:///{data}/db/yanxiu.sqlite", data / "blobs")
    with store.read() as session:
        school = people.organization(session, SCHOOL)
        assert school is not None
        waiting = sql.without_password(session, school.id)
    codes = {who.id: new_code() for who in waiting}
    digests = {key: code_digest(code) for key, code in codes.items()}
    store.transact(
        lambda session, _: sql.set_codes(session, digests),
        Event("system:bench", "bench.codes", "school"),
    )
    store.close()
    return {who.login: codes[who.id] for who in waiting}


async def everybody(url: str, codes: dict[str, str], at_once: int) -> list[float | None]:
    """Let all come, so many at a time; return how long each took, None if it failed."""
    room = asyncio.Semaphore(at_once)

    async def come(login: str, code: str) -> float | None:
        async with room:
            began = time.perf_counter()
            try:
                await first_login(url, login, code)
            except (httpx.HTTPError, RuntimeError) as error:
                print(f"  {type(error).__name__}: {str(error)[:200]}", file=sys.stderr)
                return None
            return time.perf_counter() - began

    return await asyncio.gather(*(come(login, code) for login, code in codes.items()))


async def first_login(url: str, login: str, code: str) -> None:
    """Go the whole way of a newcomer's browser, from the address on the slip."""
    async with httpx.AsyncClient(
        base_url=url,
        follow_redirects=True,
        timeout=60,
        trust_env=False,
        headers={"origin": url},
        verify=False,  # there is no TLS here; loading its certificates would cost more than a login
    ) as browser:
        page = await browser.get("/services/records/")
        form = {"username": login, "password": code, "_xsrf": _field(page, "_xsrf")}
        page = await browser.post(str(page.url), data=form)
        if not page.url.path.endswith("/account/password"):
            raise RuntimeError(f"login: {page.status_code} at {page.url.path}")
        password = f"{login}-杨柳依依"
        form = {"_csrf": _field(page, "_csrf"), "new": password, "again": password}
        page = await browser.post(str(page.url), data=form)
        if page.url.path.endswith("/account/consent"):
            names = ("_csrf", "version", "next")
            form = {"agree": "1", **{name: _field(page, name) for name in names}}
            page = await browser.post(str(page.url), data=form)
        if page.status_code != 200 or page.url.path != "/services/records/":
            raise RuntimeError(f"password: {page.status_code} at {page.url.path}")


def _field(page: httpx.Response, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    if found is None:
        raise RuntimeError(f"no {name} at {page.url.path}: {page.status_code}")
    return found[1]


if __name__ == "__main__":
    sys.exit(main())
