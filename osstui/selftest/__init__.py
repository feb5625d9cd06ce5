"""osstui's own error: what it measures against what the simulated hosts know they did.

`scenario` says what is asked, `headless` and `painted` run it, `compare` holds the result against the truth.
"""
