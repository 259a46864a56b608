"""IRF: the exchanges of classroom talk, from moves I (initiation), R (response), F (feedback).

Pure. Sources: Sinclair & Coulthard 1975; Mehan 1979 (IRE: E is read as F).
"""

from dataclasses import dataclass
from typing import Any

from lessonkit.books import IRF
from lessonkit.errors import CodeError
from lessonkit.ratios import percent, quotient


@dataclass(frozen=True)
class IrfResult:
    """Counts of exchanges, and their ``mean_length`` in moves (None without an exchange).

    Every exchange is ``complete`` (an R, and an F after it), ``ir_only`` (an R, and no F
    after it) or ``i_only`` (no R at all): the three sum to ``exchanges``. ``extended`` ones
    have two R or more and are counted beside that.
    """

    exchanges: int
    complete: int
    ir_only: int
    i_only: int
    extended: int
    mean_length: float | None

    @property
    def complete_share(self) -> float | None:
        """The complete exchanges in percent of all."""
        return percent(self.complete, self.exchanges)


def split(moves: Any) -> list[str]:
    """Return the exchanges as texts: every I opens one.

    :raises CodeError: another move, or a first move that is no I, with its place

    >>> split("IRFIRI")
    ['IRF', 'IR', 'I']
    """
    read = "".join(str(move) for move in IRF.read(moves))
    if read and read[0] != "I":
        raise CodeError(
            f"第 1 个话步是 {read[0]}，前面没有发起（I）：一个交换从 I 开始。请补上发起的一步，"
            f"或从第一个 I 开始编码。 (move 1 is {read[0]}; an exchange begins with I)"
        )
    return [f"I{rest}" for rest in read.split("I")[1:]]


def kind_of(exchange: str) -> str:
    """Return ``complete``, ``ir_only`` or ``i_only`` for one exchange of ``split``."""
    if "R" not in exchange:
        return "i_only"
    return "complete" if "F" in exchange[exchange.index("R") :] else "ir_only"


def exchanges(moves: Any) -> IrfResult:
    """Return how many exchanges there are, how they end, and how long they are.

    :param moves: I, R and F, as a text or one a move (发起, 回应, 反馈 and E too)
    :raises CodeError: another move, or a first move that is no I, with its place

    >>> exchanges("IRFIRIRFRF")
    IrfResult(exchanges=3, complete=2, ir_only=1, i_only=0, extended=1, mean_length=3.3333333333333335)
    """
    found = split(moves)
    kinds = [kind_of(exchange) for exchange in found]
    return IrfResult(
        exchanges=len(found),
        complete=kinds.count("complete"),
        ir_only=kinds.count("ir_only"),
        i_only=kinds.count("i_only"),
        extended=sum(exchange.count("R") > 1 for exchange in found),
        mean_length=quotient(sum(map(len, found)), len(found)),
    )
