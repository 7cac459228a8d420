"""Tags of the page about the API."""
