"""The list of order lines: what was ordered beside the serials that are named and shipped."""
