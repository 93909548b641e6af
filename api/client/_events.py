"""What happens to a job, as it happens (server-sent events); a lost connection is taken up where it was."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import httpx

from api.client._connection import Connection, id_of
from api.client._errors import UnreachableError, service_error
from api.client._reading import read
from api.jobs.model import ENDED, Answer, Job, JobEvent

# The server says something every 15 seconds.
_SILENCE_S = 45.0
_PAUSE_S = 0.5
_MOST_FAILURES = 8


class Events(Connection):
    """Follow jobs."""

    def events(self, job: str | Job, *, after: int = 0) -> Iterator[JobEvent]:
        """
        Yield the events of a job from the first one on, until it ends.

        Parameters
        ----------
        job
            A trip, a price plan, any job, or its id.
        after
            ``seq`` of the last event that was seen.

        Raises
        ------
        ServiceError
            If there is no such job.
        UnreachableError
            If the server stays away.
        """
        path = f"/v1/jobs/{id_of(job)}"
        failures, has_ended = 0, False
        while True:
            seen = after
            try:
                for event in self._stream(f"{path}/events", after):
                    failures, after = 0, event.seq
                    yield event
                    if event.type == "finished":
                        return
            except httpx.TransportError as error:
                failures += 1
                if failures == _MOST_FAILURES:
                    raise UnreachableError(str(error) or type(error).__name__) from error
            else:
                # The stream of a job ends with its last event; another end is that of the server.
                if has_ended and after == seen:
                    return
                has_ended = self._get(Answer[Any], path).state in ENDED
            if not has_ended:
                self._sleep(_PAUSE_S * 2 ** min(failures, 5))

    def _stream(self, path: str, after: int) -> Iterator[JobEvent]:
        headers = {**self._headers, "Accept": "text/event-stream", "Last-Event-ID": str(after)}
        timeout = httpx.Timeout(_SILENCE_S)
        with self._http.stream("GET", self._base + path, headers=headers, timeout=timeout) as response:
            if not response.is_success:
                response.read()
                raise service_error(response)
            for data in event_data(response.iter_lines()):
                yield read(JobEvent, data.encode())


def event_data(lines: Iterable[str]) -> Iterator[str]:
    """Return the data of each event of a stream; one that was cut off is none."""
    data: list[str] = []
    for line in lines:
        if line.startswith("data:"):
            data.append(line.removeprefix("data:").removeprefix(" "))
        elif not line and data:
            yield "\n".join(data)
            data = []
