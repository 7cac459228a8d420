"""What operators do beside serving: back up, restore, look for what is wrong."""
