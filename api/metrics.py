"""What Prometheus is told of a server: requests, jobs, refusals, the queue."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_REQUEST_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60)
_SOLVE_BUCKETS_S = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900)
_GAP_BUCKETS = (0.0, 0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1)


class Metrics:
    """
    Count and measure; one registry of its own, so that several services in a process do not mix.

    Every name begins with ``meguri_``. Requests are labelled by the template of their route (``/v1/jobs/{job_id}``),
    never by their path: the number of series stays bounded.
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = self._histogram(
            "http_request_seconds", "Time to the end of the answer.", ("route", "method", "status"), _REQUEST_BUCKETS_S
        )
        self._solves = self._histogram(
            "solve_seconds", "Time from the start of a job to its end.", ("kind", "state"), _SOLVE_BUCKETS_S
        )
        self._gaps = self._histogram("gap", "Proven gap of finished jobs.", ("kind",), _GAP_BUCKETS)
        self._refusals = self._counter("refusals", "Requests refused for want of room, or failed.", ("reason",))
        self._retries = self._counter("job_retries", "Jobs begun anew.", ("reason",))
        self._depth = self._gauge("queue_depth", "Jobs that wait, over all servers of the database.")
        self._running = self._gauge("jobs_running", "Jobs that run, over all servers of the database.")
        self._streams = self._gauge("event_streams", "Event streams that are open.")

    def request_answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Note an answered request, by the template of its route."""
        self._requests.labels(route, method, str(status)).observe(seconds)

    def job_finished(self, kind: str, state: str, seconds: float, gap: float | None = None) -> None:
        """Note the end of a job."""
        self._solves.labels(kind, state).observe(seconds)
        if gap is not None:
            self._gaps.labels(kind).observe(gap)

    def job_retried(self, reason: str) -> None:
        """Note that a job is begun anew: ``worker-lost``, ``server-lost``, ``shutdown``."""
        self._retries.labels(reason).inc()

    def refused(self, reason: str) -> None:
        """
        Note a refusal, or failure, by its reason.

        ``rate_limit``, ``streams``, ``queue_full``, ``storage_locked``, ``storage_away``, ``storage_full``,
        ``fault``; all others are told by the status of requests.
        """
        self._refusals.labels(reason).inc()

    def watch(self, *, queued: Callable[[], float], running: Callable[[], float], streams: Callable[[], float]) -> None:
        """Say where to look for what is measured when somebody asks."""
        self._depth.set_function(queued)
        self._running.set_function(running)
        self._streams.set_function(streams)

    def exposition(self) -> bytes:
        """Return everything in Prometheus' text format 0.0.4."""
        return generate_latest(self._registry)

    def _histogram(self, name: str, meaning: str, labels: tuple[str, ...], buckets: tuple[float, ...]) -> Histogram:
        return Histogram(f"meguri_{name}", meaning, labels, buckets=buckets, registry=self._registry)

    def _counter(self, name: str, meaning: str, labels: tuple[str, ...]) -> Counter:
        return Counter(f"meguri_{name}", meaning, labels, registry=self._registry)

    def _gauge(self, name: str, meaning: str) -> Gauge:
        return Gauge(f"meguri_{name}", meaning, registry=self._registry)
