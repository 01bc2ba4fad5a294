"""The list of stations: which are covered until when, by which tokens, and which have a gap."""
