"""Markdown for text that is still arriving: structure line by line, rendered piece by piece, no widgets.

`source` cuts arriving text into lines, `blocks` finds the structure and makes `units` of it; `inline`,
`wrap`, `code` and `table` lay out one unit, `render` draws it as rows of segments; `document` keeps the rows
and knows where each stands, `feed` keeps the order of prompts, thinking, answers and notices.
"""
