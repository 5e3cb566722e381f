"""PyTorch's twins of the works that `training_iteration.py` compares: one work a file.

Each file has `build(mode, batch, device)`, which makes the networks and the optimisers and returns a function
without arguments: one training iteration. The events are random; the time does not depend on them.
"""
