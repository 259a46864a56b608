"""Say what a cluster's no means to a teacher: the same sentences as on one machine.

Called by ``kube_spawner``, for everything that can go wrong there: a full school is told with its
numbers and whom to ask, as the quota engine tells it; what is our own trouble is told as that,
and is no error for the hub to count.
"""

from collections.abc import Sequence

from jupyterhub.spawner import SpawnException

from yanxiu.errors import N_, Refused
from yanxiu.kube.problems import Kind, Problem, Shortage
from yanxiu.quota.engine import Denied
from yanxiu.quota.rules import Code, Reason, Resource

from .refusal import no_place, refusal_of

FAILED = N_("您的 Jupyter 没有启动成功。您的文件不受影响，请再试一次；仍不行请联系管理员。")
AWAY = N_("集群正在恢复，请过一会儿再打开 Jupyter。您的文件不受影响。")
BUSY = N_(
    "集群的机器现在都忙，没有地方再开一台 Jupyter，请过几分钟再试。您的文件不受影响；"
    "不开 Jupyter 也可以在“我的研修”里填写和提交单元。"
)
SOON = N_("本校的空间刚刚建好，请过半分钟再打开 Jupyter。")
NO_SCHOOL = N_("您的账号没有所属学校，不能开 Jupyter。请联系管理员把您加入一所学校。")
NOT_READY = N_("本校在集群上还没有建好，暂时不能开 Jupyter。请联系县管理员。您的文件不受影响。")
NO_ROOM_FOR_HOME = N_(
    "本校的个人文件夹空间不够（{used}/{limit}），不能建立或搬来您的个人文件夹。请联系本校管理员。您已有的文件都在。"
)
TANGLED = N_("您的个人文件夹要请管理员看一下，暂时不能开 Jupyter。您的文件不受影响。")

_RESOURCES = {
    "pods": Resource.SERVERS,
    "count/pods": Resource.SERVERS,
    "requests.cpu": Resource.CPUS,
    "limits.cpu": Resource.CPUS,
    "cpu": Resource.CPUS,
    "requests.memory": Resource.MEMORY_MB,
    "limits.memory": Resource.MEMORY_MB,
    "memory": Resource.MEMORY_MB,
}
MB = 1 << 20
_PLAIN = {
    Kind.NOT_COUNTED: (SOON, 429),
    Kind.UNLIMITED: (FAILED, 409),
    Kind.NO_NAMESPACE: (NOT_READY, 409),
    Kind.AWAY: (AWAY, 409),
}


def refusal_for(
    problem: Problem, school: str, code: str, organizers: Sequence[str]
) -> SpawnException:
    """Return the hub's refusal for what the API server said.

    :param school: its name, and ``code``: its code
    :param organizers: the names of those who look after it
    """
    if problem.kind is Kind.FULL:
        return _full(problem.short, school, code, organizers)
    sentence, status = _PLAIN.get(problem.kind, (FAILED, 409))
    return refuse_plainly(sentence, problem.kind, status)


def refuse_plainly(sentence: str, reason: str, status: int = 409) -> SpawnException:
    """Return a refusal in the reader's language."""
    return refusal_of(Refused(reason, sentence, status=status))


def _full(
    short: Sequence[Shortage], school: str, code: str, organizers: Sequence[str]
) -> SpawnException:
    for one in short:
        resource = _RESOURCES.get(one.resource)
        if resource is not None:
            unit = MB if resource is Resource.MEMORY_MB else 1
            used, limit = one.used / unit, one.limit / unit
            reason = Reason(Code.CEILING, school, code, resource, used, limit)
            return no_place(Denied(reason), organizers)
    for one in short:
        if "storage" in one.resource or one.resource.endswith("persistentvolumeclaims"):
            gb = 1 << 30 if "storage" in one.resource else 1
            unit_ = " GB" if gb > 1 else ""
            return refusal_of(
                Refused(
                    "kube.full.storage",
                    NO_ROOM_FOR_HOME,
                    status=429,
                    used=f"{one.used / gb:g}",
                    limit=f"{one.limit / gb:g}{unit_}",
                )
            )
    return refuse_plainly(BUSY, Kind.FULL, 429)
