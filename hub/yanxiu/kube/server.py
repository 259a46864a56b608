"""What every teacher's pod and claim on a cluster have in common: KubeSpawner's options. Pure.

Restricted as PodSecurity's strictest profile asks; no token of a service account, nothing of
the namespace's other services in the environment. How much one server may use, whose it is and in
which namespace is set at its start (``spawn.kube_spawner``). Called by ``configure``; the
pod that comes of it is compared in ``tests/unit/yanxiu/spawn/test_kube_manifests.py``.
"""

from typing import Any

from yanxiu.settings.kubernetes import KubernetesSettings

from .names import PERSON_LABEL

#: User and group in the image of teachers' servers (images/singleuser).
UID = 1000
HOME = "/home/jovyan"
PORT = 8888
#: Seconds between SIGTERM and SIGKILL: JupyterLab writes what is open.
GRACE_S = 10


def server_options(settings: KubernetesSettings) -> dict[str, Any]:
    """Return the options of the spawner's class that no start changes."""
    return {
        "image": settings.image,
        "image_pull_policy": settings.image_pull,
        "image_pull_secrets": list(settings.image_pull_secrets),
        "cmd": ["jupyterhub-singleuser"],
        "port": PORT,
        "pod_name_template": "jupyter-{username}",
        "pvc_name_template": "home-{username}",
        "extra_labels": {PERSON_LABEL: "{username}"},
        "storage_pvc_ensure": True,
        "storage_class": settings.storage_class,
        "storage_access_modes": ["ReadWriteOnce"],
        "storage_extra_labels": {PERSON_LABEL: "{username}"},
        "volumes": [{"name": "home", "persistentVolumeClaim": {"claimName": "home-{username}"}}],
        "volume_mounts": [{"name": "home", "mountPath": HOME}],
        "working_dir": HOME,
        "notebook_dir": HOME,
        "environment": {"HOME": HOME},
        "uid": UID,
        "gid": UID,
        "fs_gid": UID,
        "pod_security_context": {
            "runAsNonRoot": True,
            # A home of a hundred thousand files is not walked at every start.
            "fsGroupChangePolicy": "OnRootMismatch",
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "container_security_context": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "runAsNonRoot": True,
        },
        "automount_service_account_token": False,
        # Else every Service of the namespace is in the environment.
        "extra_pod_config": {"enableServiceLinks": False},
        "node_selector": dict(settings.node_selector),
        "delete_grace_period": GRACE_S,
        "start_timeout": settings.start_minutes * 60,
        # A lesson's teachers start together: a busy API server is waited for. A request that was
        # given up may have made its pod, which the next try would have to end first.
        "k8s_api_request_timeout": 15,
        "k8s_api_request_retry_timeout": 60,
        # A home belongs to the person, whose account may come back (``retention.homes_days``).
        "delete_pvc": False,
    }
