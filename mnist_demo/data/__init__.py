"""MNIST and its drop-in replacements: their files, and batches cut from them."""
