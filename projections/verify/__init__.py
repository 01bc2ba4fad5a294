"""The auditor of the database: derives everything anew from the journal, and names what is stored otherwise.

One snapshot; the tokens in partitions by the hash of their serials, a pass through the journal for each, so that
what is held at once stays bounded.
"""
