"""The history checker: what clients recorded of a run, and whether the server kept its word.

Nothing lost, nothing doubled, the same order everywhere, nothing shown to the wrong person.
A room is an append-only log whose `seq` gives the order, and every message names its author and
`cid`, so the anomalies are found in linear time: no search, no trust in the server's own labels.
"""
