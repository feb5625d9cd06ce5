"""Pure folds over events: no I/O, no clock. What a number means stands here and nowhere else."""
