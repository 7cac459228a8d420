"""Plain Python: imports nothing of ours and no Django."""
