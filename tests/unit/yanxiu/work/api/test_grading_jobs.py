"""Who the grading worker's interface lets in: one token, whatever is sent in its place."""

import pytest


@pytest.mark.parametrize(
    "token",
    [
        "",
        "token ",
        "token é",
        "token wé",
        f"token {'w' * 63}é",
        f"token {'w' * 63}\u0101",
        f"bearer {'w' * 64}é",
    ],
    ids=ascii,
)
def test_a_wrong_token_is_refused_in_whatever_letters(anonymous, token):
    """Not all bytes of a header are ASCII, and ``compare_digest`` compares no other texts."""
    answer = anonymous.post(
        "/internal/v1/jobs/lease", json={"worker": "w"}, headers={"authorization": token.encode()}
    )
    assert (answer.status_code, answer.json()["code"]) == (401, "worker.token")
