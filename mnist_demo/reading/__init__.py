"""From any picture of digits to what a network says of it."""
