"""Learn demand from records: choices, sales, bookings, daily sums; and refuse what they cannot tell."""
