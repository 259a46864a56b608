"""Say no to a start in the hub's own way. Called by ``hooks`` and ``spawner``.

A refusal is a ``SpawnException`` below 500: it is no error. The hub counts errors, and ends
itself for every school when there were too many in a row (``consecutive_failure_limit``).
"""

from collections.abc import Sequence

from jupyterhub.spawner import SpawnException

from yanxiu.errors import N_, Paragraph, Refused, Sentence
from yanxiu.quota import sentences
from yanxiu.quota.engine import Denied, Waiting

FILES_ARE_SAFE = N_("您的文件都在，不受影响。")
WITHOUT_JUPYTER = N_(
    "不开 Jupyter 也可以交作业：在“我的研修”里打开单元，在网页上填写、上传、提交。"
)
ASK = N_("想知道什么时候有空位，或名额总是不够，请联系本校管理员：{names}。")
ASK_ABOVE = N_("想知道什么时候有空位，或名额总是不够，请联系本县管理员。")
#: How soon a program may ask again; a page moves on by itself (``quota.pages.line``).
AGAIN_S = 30
#: When waiting is of no use: a month's hours do not come back in a minute.
LATER_S = 3600


class Full(SpawnException):
    """There is no place for this start: what the page of it shows.

    :param waiting: whether the person is in line now
    """

    def __init__(self, answer: Waiting | Denied, said: Sequence[Refused], ask: Refused):
        reason = answer.reason
        self.waiting = isinstance(answer, Waiting)
        self.numbers = Sentence(said[0])
        self.sentences = [Sentence(one) for one in said[1:]]
        self.ask = Sentence(ask)
        self.notes = [
            Sentence(Refused(reason.code, text, status=429))
            for text in (FILES_ARE_SAFE, WITHOUT_JUPYTER)
        ]
        whole = Paragraph([self.numbers, *self.sentences, self.ask, *self.notes])
        super().__init__(
            whole, reason=str(reason.code), log_message=str(reason.code), status_code=429
        )
        self.jupyterhub_message = whole
        again = LATER_S if sentences.of_the_month(reason) else AGAIN_S
        self.headers = {"Retry-After": str(again)}


def no_place(answer: Waiting | Denied, organizers: Sequence[str]) -> Full:
    """Return the refusal of a start that has no place.

    :param organizers: the names of those who look after the school, for the person to ask
    """
    said = sentences.facts(answer.reason)
    if isinstance(answer, Waiting):
        said += sentences.standing(answer)
    code = answer.reason.code
    if organizers:
        ask = Refused(code, ASK, status=429, names="、".join(organizers))
        ask.private = frozenset({"names"})
    else:
        ask = Refused(code, ASK_ABOVE, status=429)
    return Full(answer, said, ask)


def refuse(sentence: str, reason: str, status: int) -> SpawnException:
    """Return the hub's refusal; every page of the hub that can show it shows ``sentence``.

    :param reason: a code, for the log and the hub's metrics
    """
    exception = SpawnException(
        sentence, reason=reason, log_message=reason, status_code=min(status, 499)
    )
    exception.jupyterhub_message = sentence
    if status == 429:
        exception.headers = {"Retry-After": str(AGAIN_S)}
    return exception


def refusal_of(refused: Refused) -> SpawnException:
    """Return the hub's refusal that says what ``refused`` says, in the reader's language."""
    return refuse(Sentence(refused), refused.code, refused.status)
