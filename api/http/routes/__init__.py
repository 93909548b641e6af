"""The routes, one file for each subject; `api.http.app` collects the `router` of each."""
