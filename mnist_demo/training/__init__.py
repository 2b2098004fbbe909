"""Training a network: recipes, the training loop, and its events."""
