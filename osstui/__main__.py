"""`python -m osstui` is `osstui`."""

from osstui.cli import main

if __name__ == "__main__":
    main()
