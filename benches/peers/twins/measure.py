"""CPU time and memory of this process, in the terms of `benches/training_iteration.rs`; the clock for a GPU."""

import time


def cpu_milliseconds(iteration, warm_up, iterations):
    """User and system time per iteration. The warm-up, and compilation with it, does not count."""
    for _ in range(warm_up):
        iteration()
    before = time.process_time()
    for _ in range(iterations):
        iteration()
    return (time.process_time() - before) / iterations * 1e3


def peak_mb():
    """Highest resident set since the process began (compilation included)."""
    with open("/proc/self/status") as status:
        line = next(line for line in status if line.startswith("VmHWM"))
    return int(line.split()[1]) // 1024


def clock_milliseconds(iteration, warm_up, iterations):
    """Time by the clock per iteration on a GPU, which works behind Python's back: it is waited for."""
    import torch

    for _ in range(warm_up):
        iteration()
    torch.cuda.synchronize()
    before = time.perf_counter()
    for _ in range(iterations):
        iteration()
    torch.cuda.synchronize()
    return (time.perf_counter() - before) / iterations * 1e3
