"""What stands beside the service: programs that read the same topics into the same Postgres."""
