"""A fleet of simulated providers on loopback: for the demo, the tests and the accuracy self-test.

`SimulatorProcess` (`osstui.simulator.process`) runs it as a child; `python -m osstui.simulator` by hand.
Every host of the catalog answers under `/{provider id}/…` in its own wire shape; wishes and faults:
`osstui.simulator.wishes`; what was really sent when: GET `/__truth`.
"""
