"""The organizer's page of what one school's servers may use, what holds it, and when idle ones stop.

Shows several rooms at once: the limits of a start (``spawn``), what holds them on this machine
(the sandbox launcher says), and the hours in which unused servers stop sooner (``quota``).
"""

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from yanxiu.errors import N_, NotFound, Refused
from yanxiu.quota.reads import idle
from yanxiu.quota.verbs.set_idle_peak import LEAST_MINUTES, read_hours, set_idle_peak
from yanxiu.roles import Act
from yanxiu.sandbox.client import Launcher, LauncherGone, LauncherSlow
from yanxiu.spawn.limits import limits_for
from yanxiu.store.engine import Store
from yanxiu.web.actor import Actor
from yanxiu.web.deps import Posted, TheForm, TheStore, get_service, who_may
from yanxiu.web.form_again import Problem, form_again
from yanxiu.web.pages import go_to, show

router = APIRouter(prefix="/organize/school-servers")

Organizer = Annotated[Actor, Depends(who_may(Act.SET_IDLE_PEAK))]
_DONE = {"saved": N_("已保存。从现在起启动的 Jupyter 照这样；正在运行的不变。")}
#: By what the launcher says; "" when it does not answer.
HELD_BY = {
    "cgroup1": N_("由系统的控制组（cgroup v1）限制：内存、处理器、进程数都按一台合计，超不出。"),
    "cgroup2": N_("由系统的控制组（cgroup v2）限制：内存、处理器、进程数都按一台合计，超不出。"),
    "rlimit": N_(
        "本机没有可用的控制组：进程数由系统限制，一台合计的内存由平台不断测量，超出就停止超出的程序；"
        "处理器只降低优先级。"
    ),
    "": N_("现在问不到沙箱启动器，不知道由什么限制。"),
}


async def held_by(request: Request) -> str:
    """Return what holds the limits of servers on this machine, "" when nobody says."""
    socket = get_service(request).launcher_socket
    if socket is None:
        return ""
    try:
        return (await Launcher(socket).ping()).limits_by
    except (Refused, LauncherGone, LauncherSlow):
        return ""


HeldBy = Annotated[str, Depends(held_by)]


@router.get("")
def schools_page(request: Request, actor: Organizer, store: TheStore) -> Response:
    """List the schools of the organizer; with one school, show that."""
    with store.read() as session:
        rows = idle.schools(session, actor.subtrees(Act.SET_IDLE_PEAK))
    if len(rows) == 1:
        return go_to(request, f"organize/school-servers/{rows[0].id}")
    return show(request, "school_servers.html", rows=rows, clock=clock)


@router.get("/{school_id}")
def school_page(
    request: Request,
    school_id: uuid.UUID,
    actor: Organizer,
    store: TheStore,
    held: HeldBy,
    done: str = "",
) -> Response:
    """Show one school's servers."""
    return _page(request, store, actor, school_id, held, done=done)


def _page(
    request: Request,
    store: Store,
    actor: Actor,
    school_id: uuid.UUID,
    held: str,
    *,
    done: str = "",
    status: int = 200,
    problem: str = "",
    typed: Posted | None = None,
) -> Response:
    with store.read() as session:
        rows = idle.schools(session, actor.subtrees(Act.SET_IDLE_PEAK))
    row = next((one for one in rows if one.id == school_id), None)
    if row is None:
        raise NotFound("org.not_found", N_("您管理的范围里没有这个单位。"))
    peak, site = row.peak, get_service(request).site
    hours = {"begins": "", "ends": "", "minutes": ""}
    if typed is not None:
        hours = {name: typed.text(name)[:10] for name in hours}
    elif peak is not None:
        hours = {
            "begins": clock(peak.begins),
            "ends": clock(peak.ends),
            "minutes": str(peak.idle_minutes),
        }
    return show(
        request,
        "school_servers_one.html",
        status=status,
        school=row,
        several=len(rows) > 1,
        limits=limits_for(site, row.code),
        held=HELD_BY.get(held, HELD_BY[""]),
        ordinary=site.server.idle_minutes,
        least=LEAST_MINUTES,
        hours=hours,
        done=_DONE.get(done, ""),
        problem=problem,
    )


def _again(
    request: Request,
    store: Store,
    posted: Posted,
    school_id: uuid.UUID,
    held: str,
    problem: Problem,
) -> Response:
    return _page(
        request,
        store,
        posted.actor,
        school_id,
        held,
        status=problem.status,
        problem=problem.text,
        typed=posted,
    )


@router.post("/{school_id}")
@form_again(_again)
def hours_form(
    request: Request, school_id: uuid.UUID, posted: TheForm, store: TheStore, held: HeldBy
) -> Response:
    """Set the hours, or take them away."""
    wanted = read_hours(
        posted.text("begins"),
        posted.text("ends"),
        posted.text("minutes"),
        get_service(request).site.server.idle_minutes,
    )
    set_idle_peak(store, posted.actor, school_id, wanted)
    return go_to(request, f"organize/school-servers/{school_id}?done=saved")


def clock(minutes: int) -> str:
    """Return minutes since midnight as people write them.

    >>> clock(1110)
    '18:30'
    """
    return f"{minutes // 60:02}:{minutes % 60:02}"
