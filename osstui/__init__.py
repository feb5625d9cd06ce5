"""One prompt to several LLM providers side by side, with true numbers."""

__version__ = "0.1.0"
