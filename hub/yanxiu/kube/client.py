"""Reach the API server: in a pod with its service account, elsewhere with ``KUBECONFIG``.

Decides how long a call may take, which is short: whoever asks has somebody waiting. What is asked
is the callers' (``quota.kueue``, ``grading.pods``). Never imported by a pure room.
"""

import httpx2
from lightkube import Client
from lightkube.core.exceptions import ApiError, ConfigError
from lightkube.generic_resource import create_global_resource, create_namespaced_resource

from yanxiu.errors import SettingsError

__all__ = [
    "ApiError",
    "ClusterQueue",
    "Cohort",
    "LocalQueue",
    "ResourceFlavor",
    "Unreachable",
    "Workload",
    "connect",
]

#: What a call raises that got no answer; ``ApiError`` is one.
Unreachable = httpx2.TransportError

GROUP, VERSION = "kueue.x-k8s.io", "v1beta2"
Workload = create_namespaced_resource(GROUP, VERSION, "Workload", "workloads")
LocalQueue = create_namespaced_resource(GROUP, VERSION, "LocalQueue", "localqueues")
ClusterQueue = create_global_resource(GROUP, VERSION, "ClusterQueue", "clusterqueues")
Cohort = create_global_resource(GROUP, VERSION, "Cohort", "cohorts")
ResourceFlavor = create_global_resource(GROUP, VERSION, "ResourceFlavor", "resourceflavors")


def connect(who: str, timeout_s: float) -> Client:
    """Return a client; safe to use from several threads.

    :param who: the name that server-side apply knows our fields by
    :raises SettingsError: there is no cluster here
    """
    try:
        return Client(
            field_manager=who,
            timeout=httpx2.Timeout(timeout_s, connect=min(1.0, timeout_s)),
            # A proxy of the environment is for the internet; the API server is next door.
            trust_env=True,
        )
    except ConfigError:
        raise SettingsError(
            "quota.engine 是 kueue，但这里没有 Kubernetes：既不在 Pod 里，也没有 KUBECONFIG。"
            "请在集群里运行，或把 quota.engine 改成 records。"
        ) from None
