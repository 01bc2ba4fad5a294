"""The audit: Hypothesis draws histories, real recorders record them, and the reference says what must come out.

`make audit` runs 20,000 of them; a difference is shrunk to a minimal history. `make mutations` breaks one
rule after the other in a copy of the tree, and counts the histories until the audit notices.
"""
