"""Options that the scripts share: how many events, which energies, seed, output."""

import sys
import time

import numpy as np

import geant4_session

PROGRESS_SECONDS = 30


def add(parser):
    parser.add_argument("-n", "--events", type=int, default=100, help="events to make (100)")
    parser.add_argument(
        "--seed", type=int, required=True, help="of Geant4 and of everything else; above 5000"
    )
    parser.add_argument(
        "--max-s", type=float, default=np.inf, help="stop after so many seconds, with fewer events"
    )
    parser.add_argument(
        "--g4data",
        metavar="FOLDER",
        default=geant4_session.DEFAULT_DATA,
        help="tables of make_g4data.py (g4data beside this script)",
    )


def add_energies(parser, minimum, maximum, flat=False):
    """Incident energies in MeV: uniform between two, or some powers of two."""
    parser.add_argument(
        "--emin", type=float, default=minimum, help=f"least incident energy, MeV ({minimum:g})"
    )
    parser.add_argument(
        "--emax", type=float, default=maximum, help=f"greatest incident energy, MeV ({maximum:g})"
    )
    parser.add_argument(
        "--spectrum",
        choices=("logarithmic", "flat"),
        default="flat" if flat else "logarithmic",
        help=f"uniform in ln E or in E ({'flat' if flat else 'logarithmic'})",
    )
    parser.add_argument(
        "--powers",
        type=lambda text: [int(power) for power in text.split(",")],
        metavar="K,K,...",
        help="only the energies 2^K MeV, each as likely as the others",
    )
    parser.add_argument("--cut-mm", type=float, default=0.7, help="production cut, mm (0.7)")


def energies(args, random):
    """Incident energies in MeV, [events]."""
    if args.events < 1:
        raise SystemExit(f"-n is {args.events}, expected at least 1")
    if args.powers:
        return 2.0 ** random.choice(args.powers, args.events)
    if not 0 < args.emin < args.emax:
        raise SystemExit(f"energies from {args.emin} to {args.emax} MeV, expected 0 < emin < emax")
    if args.spectrum == "flat":
        return random.uniform(args.emin, args.emax, args.events)
    return np.exp(random.uniform(np.log(args.emin), np.log(args.emax), args.events))


class Clock:
    """Counts events, says how far they are, and stops when the time is over."""

    def __init__(self, args):
        self.wanted, self.most_seconds = args.events, args.max_s
        self.done, self.cpu_seconds = 0, 0.0

    def numbers(self):
        """0, 1, … of the events to make."""
        start = said = now = time.monotonic()
        cpu_start = time.process_time()
        while self.done < self.wanted and now - start < self.most_seconds:
            yield self.done
            self.done += 1
            now, self.cpu_seconds = time.monotonic(), time.process_time() - cpu_start
            if now - said > PROGRESS_SECONDS:
                said = now
                print(f"{self.done} of {self.wanted} events", file=sys.stderr, flush=True)

    def cpu_ms(self):
        """Processor time of an event."""
        return 1e3 * self.cpu_seconds / self.done

    def summary(self, energies_mev):
        per_gev = 1e6 * self.cpu_seconds / energies_mev.sum()
        return f"{self.cpu_ms():.1f} ms an event, {per_gev:.1f} ms a GeV"
