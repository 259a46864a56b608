"""What a PromQL expression asks for."""

from typing import Any

import promql_parser


def selectors(expression: Any) -> list[Any]:
    """Return the vector selectors of an expression."""
    if isinstance(expression, promql_parser.VectorSelector):
        return [expression]
    if isinstance(expression, promql_parser.MatrixSelector):
        return [expression.vector_selector]
    inside = [getattr(expression, name, None) for name in ("lhs", "rhs", "expr")]
    inside += list(getattr(expression, "args", None) or ())
    return [one for part in inside if part is not None for one in selectors(part)]
