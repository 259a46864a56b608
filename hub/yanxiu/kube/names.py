"""Every name on a cluster: namespaces, pods, claims, queues, labels. Pure.

Decides that two things never share a name: a school's namespace is made of its 10-digit
code, a person's pod and claim of their id, and both are checked here, because a name is also
a border (who may read what). The chart ``helm/schools`` uses the same names; a test compares.
"""

import hashlib
import re

from yanxiu.names import PERSON_ID

#: Where hub and services are unless the release says otherwise.
RELEASE_NAMESPACE = "yanxiu"
GRADING_NAMESPACE = "yanxiu-grading"
#: LocalQueue of every school's namespace, and the one of grading.
SCHOOL_QUEUE = "yanxiu"
GRADING_QUEUE = "grading"
FLAVOR = "default"

LABELS = "yanxiu.io/"
SCHOOL_LABEL = f"{LABELS}school"
DISTRICT_LABEL = f"{LABELS}district"
PERSON_LABEL = f"{LABELS}person"
SERVER_LABEL = f"{LABELS}server"

#: Service accounts in the release's namespace.
HUB_ACCOUNT = "hub"
RECORDS_ACCOUNT = "records"
WORKER_ACCOUNT = "worker"

_SCHOOL = re.compile(r"[0-9]{10}")
#: What an API server takes as a name, and as a label's value.
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def school_namespace(code: str) -> str:
    """Return the namespace of a school.

    :raises ValueError: no code of a school; whatever that is, it opens no namespace

    >>> school_namespace("2133000001")
    'school-2133000001'
    """
    if not _SCHOOL.fullmatch(code):
        raise ValueError("not the code of a school")
    return f"school-{code}"


def school_of(namespace: str) -> str | None:
    """Return the code of the school whose namespace this is; None: nobody's.

    >>> school_of("school-2133000001"), school_of("school-x"), school_of("kube-system")
    ('2133000001', None, None)
    """
    code = namespace.removeprefix("school-")
    return code if code != namespace and _SCHOOL.fullmatch(code) else None


def namespace_labels(code: str, district: str) -> dict[str, str]:
    """Return the labels of a school's namespace.

    >>> namespace_labels("2133000001", "330105")
    {'yanxiu.io/school': '2133000001', 'yanxiu.io/district': '330105'}
    """
    school_namespace(code)
    return {SCHOOL_LABEL: code, DISTRICT_LABEL: label_value(district)}


def server_pod(person_id: str) -> str:
    """Return the name of a person's server pod, in the namespace of their school.

    >>> server_pod("uabcdefghij234567")
    'jupyter-uabcdefghij234567'
    """
    return f"jupyter-{_person(person_id)}"


def home_claim(person_id: str) -> str:
    """Return the claim of a person's home.

    >>> home_claim("uabcdefghij234567")
    'home-uabcdefghij234567'
    """
    return f"home-{_person(person_id)}"


def server_workload(person_id: str) -> str:
    """Return the name of a server's reservation.

    >>> server_workload("uabcdefghij234567")
    'server-uabcdefghij234567'
    """
    return f"server-{_person(person_id)}"


def node(kind: str, code: str) -> str:
    """Return the name of an organization's Cohort or ClusterQueue: its kind and its code.

    >>> node("county", "330105"), node("school", "2133000001")
    ('county-330105', 'school-2133000001')
    >>> node("cluster", "a-") != node("cluster", "a")
    True
    """
    return _fitting(f"{kind}-{code}")


def label_value(text: str) -> str:
    """Return ``text`` as a label's value.

    >>> label_value("330105"), label_value("cheng-guan")
    ('330105', 'cheng-guan')
    """
    return _fitting(text)


def _person(person_id: str) -> str:
    if not PERSON_ID.fullmatch(person_id):
        raise ValueError("not the id of a person")
    return person_id


def _fitting(name: str) -> str:
    """Return ``name``, or what an API server takes instead, told apart by a digest."""
    if _LABEL.fullmatch(name):
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    kept = re.sub(r"[^a-z0-9-]+", "-", name.lower()).strip("-")[:50].rstrip("-")
    return f"{kept}-{digest}" if kept else f"x-{digest}"
