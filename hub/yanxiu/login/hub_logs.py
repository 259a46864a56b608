"""Keep what a request brings out of the hub's log: names that were typed, addresses, tokens.

The hub and its web server quote requests in some hundred places (a ``next`` that leads elsewhere,
an OAuth client that nobody knows, a cookie that cannot be read), and whoever reads a log would
read what a stranger, or a teacher, wrote. So of what the modules say that answer requests only the
words in their code are kept, with numbers and person ids; of an exception its kind and its
place. What the hub says of itself (its start, the proxy, spawners) stays as it is. Called by
``configure``.
"""

import logging
import sys
from collections.abc import Mapping
from types import CodeType
from typing import Any

from yanxiu.errors import place
from yanxiu.names import PERSON_ID

#: Where requests are answered.
ANSWERING = (
    "/jupyterhub/handlers/",
    "/jupyterhub/apihandlers/",
    "/jupyterhub/oauth/",
    "/jupyterhub/auth.py",
    "/jupyterhub/_xsrf_utils.py",
    "/jupyterhub/scopes.py",
    "/jupyterhub/utils.py",
    "/oauthenticator/",
    "/oauthlib/",
    "/tornado/web.py",
    "/tornado/httpserver.py",
    "/tornado/httputil.py",
    "/tornado/http1connection.py",
)
#: In place of a message that was put together of data before it came here.
HIDDEN = "(not written, because it quotes a request)"


def install() -> None:
    """Make every record of this process go through here. A second call changes nothing."""
    stock = logging.getLogRecordFactory()
    if hasattr(stock, "yanxiu"):
        return

    def made(*given: Any, **named: Any) -> logging.LogRecord:
        record = stock(*given, **named)
        if any(one in record.pathname for one in ANSWERING):
            without_data(record)
        return record

    made.yanxiu = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(made)


def without_data(record: logging.LogRecord) -> None:
    """Take from a record what may be out of a request."""
    if not _is_in_the_code(record):
        record.msg, record.args = f"{HIDDEN} {record.module}:{record.lineno}", ()
    elif isinstance(record.args, Mapping):
        record.args = {name: _harmless(value) for name, value in record.args.items()}
    elif record.args:
        record.args = tuple(_harmless(one) for one in record.args)
    if record.exc_info and record.exc_info[1] is not None:
        error = record.exc_info[1]
        record.exc_info, record.exc_text = None, f"{type(error).__name__} at {place(error)}"


def _harmless(value: Any) -> Any:
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, str) and PERSON_ID.fullmatch(value):
        return value
    return f"<{type(value).__name__}>"


def _is_in_the_code(record: logging.LogRecord) -> bool:
    """Say whether the message is a constant of the function that logs, not made of anything."""
    frame = sys._getframe()
    while frame is not None:
        code: CodeType = frame.f_code
        if code.co_filename == record.pathname and code.co_name == record.funcName:
            return isinstance(record.msg, str) and record.msg in code.co_consts
        frame = frame.f_back  # type: ignore[assignment]
    return False
