"""Bring a person's home to the namespace of her school: take the steps that ``kube.homes`` says.

Runs before every start; where nothing moved it is one question to the API server. Decides nothing:
looks, asks ``next_step``, does it, looks again. Called by ``kube_spawner``.
"""

import asyncio
import json
import logging
from typing import Any

from kubernetes_asyncio.client import ApiException, CoreV1Api

from yanxiu.kube import names
from yanxiu.kube.homes import (
    COMES_FROM,
    RECLAIM_WAS,
    RETAIN,
    Claim,
    Step,
    Volume,
    claim_here,
    next_step,
)

#: Between two looks at what the cluster is doing.
LOOK_S = 0.5
log = logging.getLogger("yanxiu.homes")


class Tangled(Exception):
    """Her home cannot be told from others: an operator has to look."""


class Homes:
    """The homes of all persons, each in one school at a time."""

    def __init__(self, api: CoreV1Api):
        self._api = api

    async def bring(self, person_id: str, namespace: str) -> None:
        """Return when the home is in ``namespace``, or when there is none yet.

        :raises ApiException: the API server says no, or nothing
        :raises Tangled: see there
        """
        name = names.home_claim(person_id)
        here = await self._claim(namespace, name)
        if here is not None and not (here["metadata"].get("annotations") or {}).get(COMES_FROM):
            return
        said: Step | None = None
        while True:
            step = await self._step(person_id, namespace, name)
            if step is not said:
                said = step
                if step is not Step.DONE:
                    log.warning("Moving a home to %s: %s", namespace, step)
            if step is Step.DONE:
                return
            if step is Step.ASK:
                raise Tangled
            if step is Step.WAIT:
                await asyncio.sleep(LOOK_S)

    async def _step(self, person_id: str, namespace: str, name: str) -> Step:
        """Look, take one step, and return which."""
        claims = await self._claims(person_id, name)
        here = next((one for one in claims if _namespace(one) == namespace), None)
        others = [one for one in claims if _namespace(one) != namespace]
        source = here or (others[0] if others else None)
        volume = await self._volume(source["spec"].get("volumeName", "")) if source else None
        old = others[0] if others else None
        pod = await self._pod(_namespace(old), person_id) if old else None
        step = next_step(
            _as_claim(here) if here else None,
            [_as_claim(one) for one in others],
            volume,
            pod is not None,
        )
        await self._take(step, old, volume, namespace, name, person_id)
        return step

    async def _take(
        self,
        step: Step,
        old: dict[str, Any] | None,
        volume: Volume | None,
        namespace: str,
        name: str,
        person_id: str,
    ) -> None:
        if step is Step.STOP_OLD and old:
            await _gone(
                self._api.delete_namespaced_pod(names.server_pod(person_id), _namespace(old))
            )
            await asyncio.sleep(LOOK_S)
        elif step is Step.KEEP_VOLUME and volume:
            kept = {"metadata": {"annotations": {RECLAIM_WAS: volume.policy}}}
            await self._patch(
                volume.name, {**kept, "spec": {"persistentVolumeReclaimPolicy": RETAIN}}
            )
        elif step is Step.CLAIM_HERE and old:
            body: Any = claim_here(old, namespace, name, person_id)
            await self._api.create_namespaced_persistent_volume_claim(namespace, body)
        elif step is Step.DROP_OLD and old:
            await _gone(self._api.delete_namespaced_persistent_volume_claim(name, _namespace(old)))
        elif step is Step.HAND_OVER and volume:
            holder = {"namespace": namespace, "name": name, "uid": None, "resourceVersion": None}
            await self._patch(volume.name, {"spec": {"claimRef": holder}})
        elif step is Step.RESTORE and volume:
            was = {"metadata": {"annotations": {RECLAIM_WAS: None}}}
            policy = {"persistentVolumeReclaimPolicy": volume.policy_was}
            await self._patch(volume.name, {**was, "spec": policy})

    async def _claims(self, person_id: str, name: str) -> list[dict[str, Any]]:
        """Return her claims in schools' namespaces; a claim that only looks like one is none."""
        found = await _json(
            self._api.list_persistent_volume_claim_for_all_namespaces(
                label_selector=f"{names.PERSON_LABEL}={person_id}", _preload_content=False
            )
        )
        items: list[dict[str, Any]] = found["items"]
        return [
            one
            for one in items
            if one["metadata"]["name"] == name and names.school_of(_namespace(one))
        ]

    async def _claim(self, namespace: str, name: str) -> dict[str, Any] | None:
        return await _or_none(
            self._api.read_namespaced_persistent_volume_claim(
                name, namespace, _preload_content=False
            )
        )

    async def _pod(self, namespace: str, person_id: str) -> dict[str, Any] | None:
        pod = names.server_pod(person_id)
        return await _or_none(self._api.read_namespaced_pod(pod, namespace, _preload_content=False))

    async def _volume(self, name: str) -> Volume | None:
        if not name:
            return None
        found = await _or_none(self._api.read_persistent_volume(name, _preload_content=False))
        if found is None:
            return None
        spec = found["spec"]
        return Volume(
            name,
            holder=spec.get("claimRef", {}).get("namespace", ""),
            policy=spec["persistentVolumeReclaimPolicy"],
            policy_was=(found["metadata"].get("annotations") or {}).get(RECLAIM_WAS, ""),
        )

    async def _patch(self, volume: str, body: dict[str, Any]) -> None:
        await self._api.patch_persistent_volume(volume, body)


def _namespace(claim: dict[str, Any]) -> str:
    return str(claim["metadata"]["namespace"])


def _as_claim(claim: dict[str, Any]) -> Claim:
    metadata = claim["metadata"]
    return Claim(
        metadata["namespace"],
        metadata["name"],
        bound=claim.get("status", {}).get("phase") == "Bound",
        volume=claim["spec"].get("volumeName", ""),
        leaving="deletionTimestamp" in metadata,
        comes_from=(metadata.get("annotations") or {}).get(COMES_FROM, ""),
    )


async def _json(answer: Any) -> dict[str, Any]:
    response = await answer
    body = await response.read()
    if response.status >= 400:
        raise _error(response, body)
    found: dict[str, Any] = json.loads(body)
    return found


async def _or_none(answer: Any) -> dict[str, Any] | None:
    try:
        return await _json(answer)
    except ApiException as error:
        if error.status == 404:
            return None
        raise


async def _gone(answer: Any) -> None:
    """Delete; what is not there is as good."""
    try:
        await answer
    except ApiException as error:
        if error.status != 404:
            raise


def _error(response: Any, body: bytes) -> ApiException:
    error = ApiException(status=response.status, reason=response.reason)
    error.body = body
    return error
