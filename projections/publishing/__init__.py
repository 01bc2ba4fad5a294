"""Messages that the API and the commands put on the input topics, each acknowledged by the broker."""
