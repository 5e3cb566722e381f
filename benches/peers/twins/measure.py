"""CPU time and memory of this process, in the terms of `benches/training_iteration.rs`."""

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
