"""The pure core: what a token went through, from the facts that reach it; and the agents that feed it."""
