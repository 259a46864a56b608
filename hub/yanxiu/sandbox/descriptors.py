"""Allow a process as many open files as its account may have.

Services and sessions start with 1,024, for programs that use ``select``; a connection
carried for a teacher takes two. Called by ``yanxiu up``, from which every part inherits
it, and by the launcher; a sandbox has a limit of its own (``limits.rlimits``).
"""

import resource


def allow_all() -> int:
    """Raise the soft limit of open files to the hard one and return it."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard
