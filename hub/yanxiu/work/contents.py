"""What retention leaves of an attempt: its receipt, its points and hours, and a sentence.

What somebody handed in, its feedback and what was said about it go after their time
(``verbs.expire_contents``). Here is how to know that, and what is said to who asks for it.
"""

from yanxiu.errors import N_, Refused

from .model import Attempt


def bundle_of(attempt: Attempt) -> str:
    """Return the digest of what was handed in. :raises Refused: it is deleted (410)"""
    if attempt.bundle_blob is None:
        raise deleted()
    return attempt.bundle_blob


def check_there(attempt: Attempt) -> None:
    """Raise when what was handed in is deleted. :raises Refused: 410"""
    bundle_of(attempt)


def deleted() -> Refused:
    """Return what is said to who asks for what is deleted."""
    return Refused(
        "submission.contents_deleted",
        N_("这份提交的内容过了保存年限，已经按规定删除。分数、学时和回执仍然保留。"),
        status=410,
    )
