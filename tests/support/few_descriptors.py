"""Start a process with the soft limit of open files that services and sessions have."""


def few_descriptors(argv: list[str], hard: int | None = None) -> list[str]:
    """Return ``argv`` as a session would start it; the process stays the same one.

    :param hard: what the account may raise it to, as on a machine with less
    """
    first = f"ulimit -Hn {hard} && " if hard else ""
    return ["sh", "-c", f'ulimit -Sn 1024 && {first}exec "$@"', "sh", *argv]
