"""Say in plain words what sandboxes do not keep apart on this machine, and what cures it.

Pure. The launcher finds out what it has and says this when it starts; ``yanxiu up`` and
``yanxiu check`` repeat it. What it means is in docs/explanation/sandbox.md.
"""

HOW = "docs/how-to/isolate-sandboxes.md"


def of(*, isolated: bool, why_no_ids: tuple[str, str] | None, grouped: bool) -> tuple[str, ...]:
    """Return a sentence for each weakness, Chinese · English.

    :param why_no_ids: why sandboxes have no user id of their own, if they have none
    :param grouped: control groups hold the limits
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
    return tuple(out)
