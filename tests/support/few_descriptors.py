"""Start a process with the soft limit of open files that services and sessions have."""


def few_descriptors(argv: list[str]) -> list[str]:
    """Return ``argv`` as a session would start it; the process stays the same one."""
    return ["sh", "-c", 'ulimit -Sn 1024 && exec "$@"', "sh", *argv]
