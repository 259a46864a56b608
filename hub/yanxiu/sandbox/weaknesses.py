"""Say in plain words what sandboxes do not keep apart on this machine, and what cures it.

Pure. The launcher finds out what it has and says this when it starts; ``yanxiu up`` and
``yanxiu check`` repeat it. What it means is in docs/explanation/sandbox.md.
"""

HOW = "docs/how-to/isolate-sandboxes.md"
#: What holds limits, in the protocol's words, and in an operator's.
HELD_BY = {
    "cgroup1": "内核的控制组（cgroup v1）· control groups of the kernel, version 1",
    "cgroup2": "内核的控制组（cgroup v2）· control groups of the kernel, version 2",
    "rlimit": "资源限额，内存由平台加总 · resource limits; memory is added up by the platform",
}


def of(
    *, isolated: bool, why_no_ids: tuple[str, str] | None, grouped: bool, landlock: bool
) -> tuple[str, ...]:
    """Return a sentence for each weakness, Chinese · English.

    :param why_no_ids: why sandboxes have no user id of their own, if they have none
    :param grouped: control groups hold the limits
    :param landlock: the kernel can keep a full home from growing
    """
    if not isolated:
        return (
            "没有沙箱（--no-isolation）：各用户之间没有隔离 · no sandboxes: nothing keeps users apart",
        )
    out = []
    if why_no_ids:
        chinese, english = why_no_ids
        out.append(
            f"各沙箱共用平台的系统账号：{chinese}。内核按账号计数的东西（epoll 监视、管道、信号队列）"
            f"一个沙箱可以占满，别人的 Jupyter 和平台会受影响。见 {HOW} · sandboxes share the platform's "
            f"account: {english}; what the kernel counts by account one of them can use up for all"
        )
    if not grouped:
        out.append(
            "没有控制组：内存由平台自己加总（管道和套接字只能估算），处理器只分先后。"
            f"见 {HOW} · no control groups: memory is added up by us, pipes and sockets by their "
            "number; processor time is shared by priority alone"
        )
    out.append(
        "个人文件夹的大小是测量的（每 2 秒一次，人多时更久），不由文件系统限制：两次测量之间写多少就多占多少。"
        f"见 {HOW} · homes are measured (every 2 s, less often with many servers), not held by the "
        "file system: what is written between two looks is there"
    )
    if not landlock:
        out.append(
            "内核没有 Landlock：超过上限的个人文件夹再次打开后，增长也要测量到才停下 · no Landlock in this "
            "kernel: a home over its limit that is opened again is ended only once it was seen to grow"
        )
    return tuple(out)
