"""The idle culler, looking every second: ``quick_culler.py [SECONDS]`` an idle server has."""

import sys

from yanxiu.culler import process as culler

stock = culler.options


def options(environ) -> dict:
    seconds = [int(word) for word in sys.argv[1:]]
    return {**stock(environ), **({"inactive_limit": seconds[0]} if seconds else {})}


culler.EVERY_S = 1
culler.options = options
culler.main()
