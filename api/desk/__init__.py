"""The planning desk: the page at ``/``, hand-written and served as it stands."""
