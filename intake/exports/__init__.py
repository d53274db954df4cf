"""Records in the forms other programs read."""
