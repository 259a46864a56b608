"""What is said of a file that is no notebook which can be graded."""

from typing import Any

Cell = dict[str, Any]
Notebook = dict[str, Any]


class BadNotebook(ValueError):
    """Bytes that are no notebook that can be graded; carries nothing of what they are.

    :param code: a sentence's; what fills it is ``params`` and, as ``notebook``, the file's name
    """

    def __init__(self, code: str, **params: Any):
        super().__init__(code)
        self.code, self.params = code, params
