"""The rules of the lifecycle once more, computed naively from the whole set: the judge of the service's rows.

Nothing here is shared with the service: its own reading of events, of instants and of the calendar, one
file a rule. Slow and obvious is the aim. `rules` is the way in, `histories` makes random histories to
judge.
"""
