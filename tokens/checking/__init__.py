"""A file of events judged line by line as the service would judge them, without any server."""
