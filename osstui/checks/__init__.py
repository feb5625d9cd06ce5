"""The sanity battery: is a host up, does it take the key, does it serve the model, does it do what it says?

A check is one generator function in one of this room's modules and one row in `table.CHECKS`. It says what to
ask and judges what came back; it opens no socket, reads no clock, and can be tested by hand-made answers.
`run.py` lets the engine ask; `report.py` makes documents of the outcome.
"""
