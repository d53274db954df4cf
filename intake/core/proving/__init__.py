"""What can be proved about the rules of a pack, by going through every case there is."""


class TooLargeError(Exception):
    """A condition tells so many cases apart that its table would not fit."""
