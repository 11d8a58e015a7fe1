"""``python -m testbed``: the command line without its script."""

from testbed.cli import main

if __name__ == "__main__":
    main()
