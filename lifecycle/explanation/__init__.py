"""Why a token's row is what it is: the facts that its cells came from, and the rules in sentences. Pure."""
