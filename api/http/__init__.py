"""The HTTP door of the service: one FastAPI app over `api.service.Service`."""
