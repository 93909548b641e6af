"""
Jobs: long work that callers ask for, wait for, follow and stop.

`api.jobs.model` says what a job is, `store` keeps jobs in the database, `dispatcher` hands them to an executor, `watch`
wakes those who wait; `work`, `kinds` and `executors` do the work, in other processes. Nothing is imported here, so that
those processes start without web server and database.
"""
