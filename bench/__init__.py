"""The benchmark: this service beside what one would take instead of it, on one machine and one event set."""
