"""Training runs on a server: their queue, their history, and who may do what with them."""
