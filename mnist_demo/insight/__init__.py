"""What a trained network gets wrong, and what it looks for."""
