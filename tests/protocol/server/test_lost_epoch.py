"""An epoch that is lost while somebody subscribes: who was closed with it is in no audience afterwards."""

from collections.abc import Callable

import pytest

from model.ids import EventId
from protocol.archive import Frames, Hole
from protocol.errors import Code, SessionEnded
from tests.protocol.running import serving
from tests.protocol.samples import EPOCH
from tests.waiting import until


class LosingArchive:
    """Keeps nothing. Once armed it loses the epoch in the ``commits``-th commit, as on a disk that takes no byte."""

    def __init__(self, commits: int) -> None:
        self.lose: Callable[[], None] | None = None
        self._commits = commits

    @property
    def first(self) -> int:
        return 1

    def append(self, number: int, frame: bytes) -> None:
        """Nothing is kept."""

    def commit(self) -> None:
        if self.lose is None:
            return
        self._commits -= 1
        if self._commits == 0:
            lose, self.lose = self.lose, None
            lose()

    def read(self, after: int, bytes_max: int) -> Frames | Hole | None:
        return None

    def consumers(self) -> dict[str, int]:
        return {}

    def confirm(self, consumer: str, number: int) -> None:
        """Nobody is kept a place."""


@pytest.mark.parametrize("commits", [1, 2, 3])
async def test_a_session_that_is_closed_while_it_subscribes_joins_nobody(commits: int) -> None:
    archive = LosingArchive(commits)
    async with serving(archive=archive) as site:
        site.publish_many(5)
        client = await site.client()
        archive.lose = lambda: site.server.begin_epoch(EPOCH + 1)
        client.subscribe(EventId(EPOCH, 5))
        with pytest.raises(SessionEnded) as ended:
            async for _ in client.items():
                pass
        assert ended.value.code is Code.EPOCH_CHANGED
        await until(lambda: site.server.session_count == 0)
        assert site.server.stream.audiences == 0
