"""Close a request to be bound, the same way for the roster's match and a person's decision."""

from datetime import datetime

from .model import SsoRequest


def close_request(request: SsoRequest, state: str, by: str, at: datetime) -> None:
    """Settle a request, and forget what it held only to find candidates.

    :param by: a person's id, or ``system:sso``
    """
    request.state, request.decided_by, request.decided_at = state, by, at
    request.mobile, request.id_hmac = "", ""
