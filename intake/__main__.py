"""Let `python -m intake` do what the `intake` command does."""

from intake.cli import main

if __name__ == "__main__":
    main()
