"""Training a network: recipes, the loop, and what it reports."""
