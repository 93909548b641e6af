"""Tell a disk that takes no more from faults of the program."""

from __future__ import annotations

import errno

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""No space left, none left for this user, or the system lets this process write no file of that size."""


def is_full_disk(error: BaseException) -> bool:
    """Whether an error comes of a disk that takes no more, however many others it was wrapped in since."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, OSError) and seen.errno in _FULL:
            return True
        seen = seen.__cause__ or seen.__context__
    return False
