"""What comes in and goes out: instants, event types, the CloudEvents envelope, topics, and their schemas."""
