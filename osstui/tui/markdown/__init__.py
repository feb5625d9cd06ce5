"""Markdown for text that is still arriving: block structure line by line, rendered piece by piece, without
widgets.

`source` cuts arriving text into lines, `blocks` finds the structure, `inline`, `wrap`, `code` and `table`
lay out one piece, `render` draws it as rows of styled segments, `document` keeps the rows and knows where
each piece stands.
"""
