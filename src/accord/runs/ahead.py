"""Reading in a thread of its own, so that what comes next is read while what came is being worked on."""

from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
_END = object()


def read_ahead(items: Iterable[T], *, count: int) -> Generator[T, None, None]:
    """Yield the items in order, up to `count` of them read before they are asked for; errors come where they arose.

    Everything the items do happens in the other thread, and has ended when this generator is closed.
    """
    source = iter(items)
    reader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="read-ahead")
    try:
        ahead = deque(reader.submit(next, source, _END) for _ in range(count))
        while (item := ahead.popleft().result()) is not _END:
            ahead.append(reader.submit(next, source, _END))
            yield item  # type: ignore[misc]  # only the mark of the end is not a T, and it is not yielded
    finally:
        reader.shutdown(cancel_futures=True)
