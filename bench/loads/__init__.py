"""What is asked of a server, and what is measured while it answers."""
