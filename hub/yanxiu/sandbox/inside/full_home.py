"""Files of a home that may not grow: they can be read and deleted, and why is said.

The kernel holds it (``yanxiu.sandbox.landlock``); here Lab is told why, and where what it
writes of itself goes. Called by ``server``.
"""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from jupyter_server.services.contents.filecheckpoints import AsyncFileCheckpoints
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager
from tornado.web import HTTPError
from traitlets import default

#: What Lab says where it could not write.
SENTENCES = {
    "home": (
        "个人文件夹满了：现在只能删除，不能保存或新建。请删除不要的文件，再停止 Jupyter 并重新启动。 · "
        "Your folder is full: files can only be deleted now. Delete some, then stop and start Jupyter."
    ),
    "school": (
        "本校（或上级单位）的个人文件夹合计满了：现在只能删除，不能保存或新建。请删除不要的文件，并告诉本校管理员；"
        "腾出空间后停止 Jupyter 并重新启动。 · The folders of your school together are full: files can "
        "only be deleted now. Delete some and tell your school's organizer; once there is room, stop "
        "and start Jupyter."
    ),
    "disk": (
        "平台的存储空间快满了：现在只能删除，不能保存或新建。请删除不要的文件，过些时候停止 Jupyter 并重新启动。 · "
        "The platform's disk is nearly full: files can only be deleted now. Delete what you do not "
        "need; later, stop and start Jupyter."
    ),
}


def empty_bin(home: Path) -> None:
    """Remove what was thrown away by an earlier version of Lab, and is in nobody's list."""
    shutil.rmtree(home / ".local" / "share" / "Trash", ignore_errors=True)


class Checkpoints(AsyncFileCheckpoints):
    """The last saved versions: of what has none in its folder, in a place that may be lost."""

    def checkpoint_path(self, checkpoint_id: str, path: str) -> str:
        """Return where one is; asking makes a folder, which deleting does too."""
        try:
            return str(super().checkpoint_path(checkpoint_id, path))
        except HTTPError:
            folder = Path(tempfile.gettempdir(), "checkpoints", os.path.dirname(path.strip("/")))  # noqa: PTH120
            folder.mkdir(parents=True, exist_ok=True)
            return str(folder / f"{checkpoint_id}-{path.rpartition('/')[2]}")


class Files(AsyncLargeFileManager):
    """As everywhere, but for what is said."""

    @default("checkpoints_class")
    def _checkpoints_class_default(self) -> type[Checkpoints]:
        return Checkpoints

    @contextlib.contextmanager
    def perm_to_403(self, os_path: str = "") -> Iterator[None]:
        """Say why something was not written."""
        try:
            with super().perm_to_403(os_path):
                yield
        except HTTPError as error:
            if error.status_code == 403:
                raise HTTPError(403, SENTENCES[os.environ["YANXIU_FULL"]]) from error
            raise
