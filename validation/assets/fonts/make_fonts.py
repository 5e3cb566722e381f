"""Makes the report's fonts: a subset of Liberation Sans 2.1.5 under a name of its own.

The SIL Open Font Licence reserves the name "Liberation", so a subset needs another one.
Needs fonttools; the two Liberation files come from Debian's fonts-liberation2.
    python make_fonts.py LiberationSans-Regular.ttf LiberationSans-Bold.ttf
"""

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

FAMILY = "Showerforge Sans"
RANGES = [
    (0x20, 0x7E), (0xA0, 0xFF), (0x100, 0x17F), (0x391, 0x3A9), (0x3B1, 0x3C9), (0x3D1, 0x3D6),
    (0x2010, 0x2026), (0x2030, 0x2033), (0x2070, 0x209C), (0x2190, 0x2195), (0x2200, 0x22C5),
]


def make(source: Path, style: str) -> None:
    font = TTFont(source)
    options = subset.Options(hinting=False, layout_features=["kern"], name_IDs=["*"], notdef_outline=True)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[c for low, high in RANGES for c in range(low, high + 1)])
    subsetter.subset(font)
    renamed = {
        1: FAMILY,
        2: style,
        3: f"{FAMILY} {style}, subset of Liberation Sans 2.1.5",
        4: f"{FAMILY} {style}",
        6: f"{FAMILY.replace(' ', '')}-{style}",
    }
    names = font["name"]
    names.names = [record for record in names.names if record.nameID in (0, 13, 14)]
    for identifier, text in renamed.items():
        names.setName(text, identifier, 3, 1, 0x409)
    font["head"].modified = font["head"].created
    font.recalcTimestamp = False
    target = Path(__file__).parent / f"ShowerforgeSans-{style}.ttf"
    font.save(target)
    print(target.name, target.stat().st_size)


make(Path(sys.argv[1]), "Regular")
make(Path(sys.argv[2]), "Bold")
