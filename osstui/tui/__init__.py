"""The screen: a viewer of the event stream. Nothing here is true that no event said."""
