"""Send a bundle so that a broken line costs only what was on it.

Small bundles go in one request. Bigger ones, and those whose one request broke, go in
chunks: the service says how much it holds, and the next try goes on from there (the
semantics of tus 1.0). One key names the attempt throughout, so it is counted once.
Called by ``records``.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from nbgrader_yanxiu.bundle import Bundle
from nbgrader_yanxiu.errors import Refused, TryAgain
from nbgrader_yanxiu.wire import Wire

Progress = Callable[[int, int], None]

#: Up to here one request is quicker than three.
SMALL_BYTES = 1_000_000
#: Seconds between tries. As long as each try gets something across, they begin anew.
PAUSES_S = (0.5, 1.0, 2.0, 4.0)
#: So much must have arrived for that.
GETS_ON_BYTES = 64 * 1024


@dataclass
class Sending:
    """One bundle on its way.

    :param progress: called with bytes that arrived and bytes in all
    :param sleep: tests do not wait
    """

    wire: Wire
    assignment: str
    bundle: Bundle
    key: str
    progress: Progress | None = None
    sleep: Callable[[float], None] = field(default_factory=lambda: time.sleep)
    arrived: int = 0

    def run(self) -> Any:
        """Return the receipt as the service gave it.

        :raises TryAgain: it did not arrive in several tries; says how much did
        :raises Refused: the service refused
        """
        tries = 0
        in_one = len(self.bundle.body) <= SMALL_BYTES
        self._tell(0)
        while True:
            before = self.arrived
            try:
                receipt = self._in_one() if in_one else self._in_chunks()
            except TryAgain as trouble:
                in_one = False
                if self.arrived - before >= GETS_ON_BYTES:
                    tries = 0
                if tries == len(PAUSES_S):
                    if self.arrived:
                        trouble.percent = self.arrived * 100 // len(self.bundle.body)
                    raise
                self.sleep(PAUSES_S[tries])
                tries += 1
            else:
                self._tell(len(self.bundle.body))
                return receipt

    def _tell(self, arrived: int) -> None:
        self.arrived = arrived
        if self.progress is not None:
            self.progress(arrived, len(self.bundle.body))

    def _in_one(self) -> Any:
        headers = {"Content-Type": "application/x-tar", "X-Client-Key": self.key}
        path = f"/units/{self.assignment}/submissions"
        return self.wire.ask("POST", path, self.bundle.body, headers).json()

    def _in_chunks(self) -> Any:
        opened = self.wire.post_json(
            f"/units/{self.assignment}/uploads",
            {
                "digest": self.bundle.digest,
                "bytes": len(self.bundle.body),
                "client_key": self.key,
            },
        )
        try:
            if "receipt" in opened:
                return opened["receipt"]  # an earlier try arrived; only its answer was lost
            place = f"/uploads/{opened['upload']}"
            offset, chunk = int(opened["offset"]), max(1, int(opened["chunk_bytes"]))
        except (KeyError, TypeError, ValueError):
            raise TryAgain("server_trouble") from None
        try:
            while offset < len(self.bundle.body):
                self._tell(offset)
                offset = self._send(place, offset, chunk)
            self._tell(offset)
            return self.wire.post_json(f"{place}/submit", {})
        except Refused as refusal:
            # Somebody else sent a part (another tab), or it expired: ask anew where it stands.
            if refusal.code in ("upload.offset", "upload.not_found", "upload.incomplete"):
                raise TryAgain("server_trouble") from None
            raise

    def _send(self, place: str, offset: int, chunk: int) -> int:
        answer = self.wire.ask(
            "PATCH",
            place,
            self.bundle.body[offset : offset + chunk],
            {
                "Content-Type": "application/offset+octet-stream",
                "Upload-Offset": str(offset),
                "Tus-Resumable": "1.0.0",
            },
        )
        try:
            reached = int(answer.headers["Upload-Offset"])
        except (KeyError, TypeError, ValueError):
            raise TryAgain("server_trouble") from None
        if reached <= offset:
            raise TryAgain("server_trouble")
        return reached
