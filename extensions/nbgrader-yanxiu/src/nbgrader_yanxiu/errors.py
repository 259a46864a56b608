"""What can go wrong, as one family of errors that carry a teacher's sentence.

Decides which kinds there are: ``TryAgain`` is worth another try with the same key, all else
is not. The words are in ``words``.
"""

from typing import Any

from nbgrader_yanxiu.words import language, say


class RecordsError(Exception):
    """Something a teacher can read; never holds a token.

    :param name: the sentence's name in ``words.MESSAGES``
    :param code: the service's code of a refusal, else ``name``
    :param status: the HTTP status, 0 when there was no answer
    """

    def __init__(self, name: str, *, code: str = "", status: int = 0, **params: Any):
        super().__init__(name)
        self.name = name
        self.code = code or name
        self.status = status
        self.params = params

    def text(self, lang: str) -> str:
        """Return the sentence in ``zh_CN`` or ``en``; what the service said stays as it said it."""
        return say(self.name, lang, **self.params)

    def __str__(self) -> str:
        """Return the sentence in the language of this server."""
        return self.text(language())

    def _render_traceback_(self) -> list[str]:
        # In a notebook only the sentence is shown.
        return [str(self)]


class NotPacked(RecordsError):
    """The folder cannot be handed in as it is."""


class NotConnected(RecordsError):
    """This process was not started by the platform."""


class Refused(RecordsError):
    """The service refused, with its own sentence."""


class TryAgain(RecordsError):
    """Network or server trouble: the same key may be sent again, and is one attempt.

    :param percent: how much the service holds already and will not need again; None when
        nothing of it is known
    """

    def __init__(self, name: str, *, percent: int | None = None, **params: Any):
        super().__init__(name, **params)
        self.percent = percent

    def text(self, lang: str) -> str:
        """Return the sentence; with what arrived already, when something did."""
        if self.percent is None:
            return super().text(lang)
        return say("part_sent", lang, trouble=super().text(lang), percent=self.percent)
