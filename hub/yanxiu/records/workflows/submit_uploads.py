"""Accept notebook files that were chosen in a browser, as the unit's kind has them.

A unit of ours has one notebook, taken whatever its file is called; one of an nbgrader course
has several, taken by their names. ``submit`` accepts the bundle that is made of them.
"""

import uuid
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from yanxiu.errors import N_, Invalid
from yanxiu.records import bundles
from yanxiu.records.actor import Actor
from yanxiu.records.kinds import kind_of
from yanxiu.records.receipts import Receipt
from yanxiu.settings.model import Site
from yanxiu.store.audit import Event
from yanxiu.store.engine import Store

from .refusals import audited
from .submit import submit, submit_notebook, unit_to_do

#: A file's name as the browser gives it, and its content.
Upload = tuple[str, Iterator[bytes]]


def submit_uploads(
    store: Store,
    site: Site,
    actor: Actor,
    assignment_id: uuid.UUID,
    uploads: Sequence[Upload],
    client_key: str | None = None,
) -> Receipt:
    """Accept uploaded notebooks; return the receipt.

    :param uploads: at least one
    :raises Refused: see ``submit``
    :raises Invalid: not a notebook, two of one name, too large
    """
    unit = unit_to_do(store, actor, assignment_id)
    if kind_of(unit).has_form:
        name, data = uploads[0]
        return submit_notebook(store, site, actor, assignment_id, name, data, client_key)
    attempt = Event(
        actor.person_id,
        "submission.refuse",
        "assignment",
        str(assignment_id),
        actor.school_id,
        details={"via": "upload"},
    )
    with audited(store, attempt):
        files = _read(uploads, site.bundle.max_mb)
        if len(unit["notebooks"]) == len(files) == 1:
            # A browser that downloads it twice calls the second one "ps1 (1).ipynb".
            files = {unit["notebooks"][0]: next(iter(files.values()))}
    tar = bundles.pack(files)
    return submit(
        store, site, actor, assignment_id, iter([tar]), via="upload", client_key=client_key
    )


def _read(uploads: Sequence[Upload], max_mb: int) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    total = 0
    for path, data in uploads:
        name = PurePosixPath(path.replace("\\", "/")).name
        if not name.lower().endswith(".ipynb"):
            raise Invalid(
                "upload.not_notebook",
                N_("这里只能上传笔记本文件（.ipynb），选的文件里有别的。请重新选择。"),
            )
        if name in files:
            raise Invalid("bundle.twice", N_("提交里有两个同名的文件。请改名后再提交。"))
        content = bytearray()
        for chunk in data:
            content += chunk
            total += len(chunk)
            if total > max_mb * 1_000_000:
                raise bundles.too_large(max_mb)
        files[name] = bytes(content)
    return files
