"""Explains single tokens: reads their packed facts, and looks up in the journal the events that said them."""
