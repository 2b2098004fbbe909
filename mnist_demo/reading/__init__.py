"""From any picture of digits to a network's prediction."""
