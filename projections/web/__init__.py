"""The report as pages: made on the server, whole without a script, and nothing in them from elsewhere."""
