"""What an API server's refusal means: its own sentences, as a 1.35 says them."""

import doctest
import json

import pytest
from yanxiu.kube import events, problems
from yanxiu.kube.problems import Kind, Shortage, problem_of


def test_the_manuals_are_right():
    assert doctest.testmod(problems).failed == 0
    assert doctest.testmod(events).failed == 0


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (403, 'pods "x" is forbidden: exceeded quota: s, requested: pods=1, used: pods=2, limited: pods=2', Kind.FULL),
        (403, 'pods "x" is forbidden: failed quota: s: must specify limits.cpu for: notebook', Kind.UNLIMITED),
        (403, 'pods "x" is forbidden: status unknown for quota: s, resources: pods', Kind.NOT_COUNTED),
        (403, 'pods "x" is forbidden: User "system:serviceaccount:y:hub" cannot create resource', Kind.FORBIDDEN),
        (403, 'pods "x" is forbidden: violates PodSecurity "restricted:latest": …', Kind.FORBIDDEN),
        (403, 'pods "x" is forbidden: unable to create new content in namespace school-1 because it is being terminated', Kind.NO_NAMESPACE),
        (404, 'namespaces "school-1" not found', Kind.NO_NAMESPACE),
        (404, 'pods "x" not found', Kind.GONE),
        (409, 'pods "x" already exists', Kind.CONFLICT),
        (429, "too many requests", Kind.AWAY),
        (401, "Unauthorized", Kind.AWAY),  # a token that was renewed a moment too late
        (500, 'failed calling webhook "mpod.kb.io"', Kind.AWAY),
        (0, "", Kind.AWAY),
        (422, "Pod is invalid", Kind.REFUSED),
    ],
)  # fmt: skip
def test_every_no_has_its_kind(status, message, kind):
    assert problem_of(status, json.dumps({"kind": "Status", "message": message})).kind is kind
    assert problem_of(status, message.encode()).kind is kind


@pytest.mark.parametrize("body", [None, b"\xff", "[]", "null", '"x"', "{"])
def test_a_body_that_is_none_is_read_all_the_same(body):
    assert problem_of(403, body).kind is Kind.FORBIDDEN


def test_the_numbers_of_every_resource_that_is_short():
    message = (
        "exceeded quota: school, requested: limits.memory=512Mi,pods=1, "
        "used: limits.memory=7800Mi,pods=30, limited: limits.memory=8Gi,pods=30"
    )
    assert problem_of(403, message).short == (
        Shortage("limits.memory", 7800 * 2**20, 2.0**33),
        Shortage("pods", 30, 30),
    )
