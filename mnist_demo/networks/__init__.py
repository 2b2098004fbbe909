"""The networks, their weights on disk, and how well they read."""
