"""Ids of jobs: sorted by time, so that the queue is a range of an index, and not to be guessed."""

from __future__ import annotations

import datetime as dt
import secrets
import uuid


def new_job_id(now: dt.datetime) -> str:
    """
    Return a UUID of version 7: milliseconds since 1970 in 48 bits, then 74 random bits.

    References
    ----------
    RFC 9562, section 5.7: https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-7
    """
    milliseconds = int(now.timestamp() * 1_000)
    version, variant = 0x7, 0b10
    bits = milliseconds << 80 | version << 76 | secrets.randbits(12) << 64 | variant << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=bits))
