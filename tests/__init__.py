"""The tests mirror the package; what they start for themselves is in services.py."""
