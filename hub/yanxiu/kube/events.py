"""What a teacher is told of a pod's events while she waits. Pure; called by ``spawn.kube_spawner``.

An event's own text is in English and names machines; its reason is one of few words.
"""

from yanxiu.errors import N_

PREPARING = N_("正在准备您的个人文件夹……")
ALMOST = N_("马上就好……")

#: By reason; events of other reasons move nothing.
_SAID = {
    "Scheduled": (30, N_("已经安排好机器……")),
    "FailedScheduling": (20, N_("集群的机器现在都忙，正在等空出来的……")),
    "Pulling": (40, N_("这台机器第一次用，正在下载 Jupyter（可能要几分钟）……")),
    "Pulled": (60, N_("正在启动 Jupyter……")),
    "Created": (70, N_("正在启动 Jupyter……")),
    "Started": (80, ALMOST),
    "FailedMount": (30, N_("个人文件夹还没有接上，正在再试……")),
    "FailedAttachVolume": (30, N_("个人文件夹还没有接上，正在再试……")),
    "BackOff": (40, N_("启动没有成功，正在再试……")),
}


def said(reason: str) -> tuple[int, str] | None:
    """Return how far a start is with this event, in percent, and the sentence (untranslated).

    >>> said("Scheduled")
    (30, '已经安排好机器……')
    >>> said("SandboxChanged") is None
    True
    """
    return _SAID.get(reason)
