"""Say no to a start in the hub's own way. Called by ``hooks`` and ``spawner``.

A refusal is a ``SpawnException`` below 500: it is no error. The hub counts errors, and ends
itself for every school when there were too many in a row (``consecutive_failure_limit``).
"""

from jupyterhub.spawner import SpawnException

from yanxiu.errors import Refused, Sentence


def refuse(sentence: str, reason: str, status: int) -> SpawnException:
    """Return the hub's refusal; every page of the hub that can show it shows ``sentence``.

    :param reason: a code, for the log and the hub's metrics
    """
    exception = SpawnException(
        sentence, reason=reason, log_message=reason, status_code=min(status, 499)
    )
    exception.jupyterhub_message = sentence
    return exception


def refusal_of(refused: Refused) -> SpawnException:
    """Return the hub's refusal that says what ``refused`` says, in the reader's language."""
    return refuse(Sentence(refused), refused.code, refused.status)
