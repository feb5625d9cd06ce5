"""The screens, each with the .tcss file that dresses it."""
