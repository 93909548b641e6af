"""Trips: streets, travel times, trip request to itinerary."""
