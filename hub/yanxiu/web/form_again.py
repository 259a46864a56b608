"""Show a refused form again, with the sentence and with what was typed.

A refusal that would be a page of its own loses what a person wrote. Not for what is not
found: there is no form to show then. Used by the handlers of every room.
"""

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from yanxiu.errors import NotFound, Refused

from .errors import note_refusal
from .pages import reader


@dataclass(frozen=True)
class Problem:
    """What the form is shown again with.

    :param text: the refusal's sentence in the reader's language
    """

    refusal: Refused
    text: str

    @property
    def status(self) -> int:
        """The refusal's status."""
        return self.refusal.status

    @property
    def banner(self) -> tuple[str, str]:
        """The sentence, for a page that shows what happened above everything else."""
        return "error", self.text


def form_again(
    show: Callable[..., Response], *, codes: frozenset[str] | None = None
) -> Callable[[Callable[..., Response]], Callable[..., Response]]:
    """Return the decorator of a handler whose form ``show`` shows.

    :param show: gets ``problem`` and, of the handler's arguments, those that it names
    :param codes: the refusals that are shown so; the others are pages of their own
    """
    wanted = inspect.signature(show).parameters.keys() - {"problem"}

    def decorate(handler: Callable[..., Response]) -> Callable[..., Response]:
        @functools.wraps(handler)
        def handle(request: Request, **given: object) -> Response:
            try:
                return handler(request=request, **given)
            except NotFound:
                raise
            except Refused as refusal:
                if codes is not None and refusal.code not in codes:
                    raise
                note_refusal(request, refusal)
                problem = Problem(refusal, refusal.text(reader(request).gettext))
                again = {"request": request, **given}
                return show(**{name: again[name] for name in wanted}, problem=problem)

        return handle

    return decorate
