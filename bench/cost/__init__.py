"""What it costs to keep tokens and events: measured on filled databases, and reckoned for many more."""
