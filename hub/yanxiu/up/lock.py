"""One ``yanxiu up`` for one data folder, for as long as the process lives.

The lock is the kernel's (``flock``): it ends with the process, so a crash leaves nothing to
clean up. Called by ``main`` before anything is written to the folder.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from yanxiu.errors import SettingsError


@contextmanager
def only_one(data_dir: Path) -> Iterator[None]:
    """Hold the lock of ``data_dir`` while the block runs.

    :raises SettingsError: another process holds it, or the folder cannot be written.
    """
    run = data_dir / "run"
    try:
        run.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Python opens with O_CLOEXEC: no child inherits the lock and outlives us with it.
        descriptor = os.open(run / "up.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise SettingsError(
            f"数据目录 {data_dir} 无法写入：{error.strerror}。请换一个目录（--data），或检查它的属主。"
        ) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise SettingsError(
                f"数据目录 {data_dir} 正被另一个 yanxiu up 使用。"
                "请先停止它（在它的终端按 Ctrl-C），或用 --data 指定另一个目录。"
            ) from error
        yield
    finally:
        os.close(descriptor)
