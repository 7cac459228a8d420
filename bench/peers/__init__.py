"""The servers that are measured, and how to talk to each."""
