"""Where jobs are worked on: in processes of this machine, or on a cluster; both keep to `Executor`."""

from api.jobs.executors.protocol import Executor, Listener

__all__ = ["Executor", "Listener"]
