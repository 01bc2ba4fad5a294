"""`tokens demo`: two simulated years in a report of one's own."""
