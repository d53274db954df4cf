"""What can be proved about the rules of a pack, by going through every case there is."""
