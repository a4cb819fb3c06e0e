"""A process that appends events until it is killed, and says each one after it was committed: `NUMBER BODY` a line.

python -m tests.gateway.journal.appender FOLDER POLICY SEED
"""

import os
import random
import sys
from dataclasses import replace
from pathlib import Path

from gateway.journal import Committed, Fsync
from tests.gateway.journal.stage import BOOT, EPOCH, NOW_US, SMALL, frame, opened

EVENTS_MAX = 100_000
"""It ends by itself if nobody kills it."""


def main(folder: Path, policy: Fsync, seed: int) -> None:
    chance = random.Random(seed)
    limits = replace(SMALL, fsync=policy, segment_bytes=20_000, reserve_numbers=50)
    journal = opened(folder, limits, boot_id=BOOT, new_epoch=EPOCH).journal
    while journal.last < EVENTS_MAX:
        if journal.needs_segment:
            journal.begin_segment(b"%d" % journal.last * 100, NOW_US)
        said = []
        for number in range(journal.next_number, journal.next_number + chance.randint(1, 40)):
            body = b"%d " % seed + chance.randbytes(chance.choice((0, 20, 200, 9_000))).hex().encode()
            journal.append(number, frame(number, body))
            said.append(b"%d %s\n" % (number, body))
        committed = journal.commit(NOW_US)
        assert isinstance(committed, Committed)
        os.write(1, b"".join(said))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Fsync(sys.argv[2]), int(sys.argv[3]))
