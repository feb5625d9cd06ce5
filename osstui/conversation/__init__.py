"""A conversation with several lanes: what was asked and answered, how it is kept, and how it comes back."""
