"""The report at a glance: how many tokens have each status, expire in each month, show each anomaly."""
