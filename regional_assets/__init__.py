"""The land: places, hours, calendars, prices on the door; readers for open data; the bundled region."""
