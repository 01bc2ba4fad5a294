"""What reading a large report costs: each kind of question over HTTP, and how Postgres finds the answer."""
