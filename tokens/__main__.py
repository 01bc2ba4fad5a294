"""`python -m tokens` is `tokens`."""

from tokens.cli import main

if __name__ == "__main__":
    main()
