"""Training runs on a server: queue, history and access rights."""
