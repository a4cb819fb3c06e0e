"""What is over, and only the garbage collector would free."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def uncollected(*kinds: type) -> Iterator[Callable[[], list[object]]]:
    """Says what of these kinds was made in the block and is still there. No collection takes place meanwhile, and what
    was there before is not looked at."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield lambda: [one for one in gc.get_objects() if isinstance(one, kinds)]
    finally:
        gc.enable()
        gc.unfreeze()
