"""Where jobs are worked on: in processes of this machine, or on a cluster; both keep to `Executor`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.jobs.executors.protocol import Executor, Listener

if TYPE_CHECKING:
    from api.service_settings import ServiceSettings

__all__ = ["Executor", "Listener", "executor_for"]


def executor_for(settings: ServiceSettings) -> Executor:
    """
    Return the executor that the settings ask for; it does nothing yet.

    Raises
    ------
    InputError
        If they name a cluster and the library for clusters is not installed.
    """
    if settings.cluster is None:
        from api.jobs.executors.processes import ProcessExecutor

        return ProcessExecutor(settings.workers, settings.home)
    from api.jobs.executors.cluster import ClusterExecutor

    return ClusterExecutor(settings.cluster)
