"""The families of errors, one for each audience, and nothing about how they are shown.

``Refused`` is for the person in front of the screen: a permission or a policy, with a
sentence that says what to do. ``SettingsError`` is for the operator, before anything
starts. Anything else is our fault: the edges answer 500 with an id and log that id.

Texts are stored as a code and parameters and rendered late, in the reader's language;
``N_`` marks a sentence for the catalogues without translating it.
"""

from collections.abc import Sequence
from typing import Any


def N_(message: str) -> str:
    """Mark ``message`` for the translation catalogues and return it unchanged."""
    return message


class YanxiuError(Exception):
    """Base of all errors that carry a sentence for somebody."""


class SettingsError(YanxiuError):
    """The operator's settings are wrong: says what, where, what was possible, what to do."""


class Refused(YanxiuError):
    """A person asked for something that permission or policy forbids.

    :param code: stable and dotted, for logs, audit events and API clients
    :param message: the sentence, a gettext msgid with ``{placeholders}`` (mark it with ``N_``)
    :param status: HTTP status, 4xx
    :param params: what fills the placeholders; stored in audit events, so never a name,
        a mark, an ID number or a token
    """

    def __init__(self, code: str, message: str, *, status: int = 403, **params: Any):
        super().__init__(code)
        self.code = code
        self.message = message
        self.status = status
        self.params = params
        #: Whether an audit event tells of it; whoever notes it says so.
        self.noted = False
        #: The parameters that hold what somebody typed or named: not for the audit.
        self.private: frozenset[str] = frozenset()

    def text(self, gettext: Any = str) -> str:
        """Return the sentence in the language of ``gettext``."""
        return str(gettext(self.message)).format(**self.params)


class NotFound(Refused):
    """There is no such thing, or it is not the caller's to know that there is."""

    def __init__(self, code: str, message: str, **params: Any):
        super().__init__(code, message, status=404, **params)


class Invalid(Refused):
    """The input cannot be taken as it is: nothing was stored."""

    def __init__(self, code: str, message: str, *, status: int = 422, **params: Any):
        super().__init__(code, message, status=status, **params)


class Sentence(str):
    """A refusal's text in Chinese that can still be said in another language.

    For carriers that take nothing but a string, such as the hub's exceptions.
    """

    _refused: Refused

    def __new__(cls, refused: Refused) -> "Sentence":
        """Carry ``refused``."""
        made = super().__new__(cls, refused.text())
        made._refused = refused
        return made

    def say(self, gettext: Any) -> str:
        """Return the sentence in the language of ``gettext``."""
        return self._refused.text(gettext)


class Paragraph(Sentence):
    """Several sentences and phrases one after the other, for the same carriers.

    >>> first, second = Refused("a", "县三小 30/30 台在用"), Refused("b", "请稍后再试。")
    >>> Paragraph([Sentence(first), Sentence(second)])
    '县三小 30/30 台在用，请稍后再试。'
    """

    _parts: tuple[Sentence, ...]

    def __new__(cls, parts: Sequence[Sentence]) -> "Paragraph":
        """Carry ``parts``, of which there is at least one."""
        made = str.__new__(cls, _joined([str(one) for one in parts]))
        made._parts = tuple(parts)
        return made

    def say(self, gettext: Any) -> str:
        """Return the paragraph in the language of ``gettext``."""
        return _joined([one.say(gettext) for one in self._parts])


def _joined(texts: Sequence[str]) -> str:
    """Return texts one after the other, as their language does it."""
    joined = texts[0]
    for text in texts[1:]:
        if joined.endswith("。"):
            joined += text
        elif joined.endswith("."):
            joined += f" {text}"
        else:
            joined += f"{'，' if text.endswith('。') else ', '}{text}"
    return joined


def place(error: BaseException) -> str:
    """Return where ``error`` came from, ``module:line``, for a log.

    Logs have this and the type instead of the message, which may quote what somebody wrote.
    """
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "?:0"
    return f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}"
