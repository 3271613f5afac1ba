"""`python -m lrcheck`."""

from lrcheck.cli import run

if __name__ == "__main__":
    run()
