"""The kinds of customer: their names, what they buy, and how they name the places of their stations."""

from typing import NamedTuple

from tokens.simulate.catalog import COMMERCIAL, FLEET, MULTIFAMILY, MUNICIPAL, PREVIEW, STEADY, Plan


class Segment(NamedTuple):
    """One kind of customer. `places` and `spots` make the name of a station: Garage P2 - Stall 14."""

    businesses: tuple[str, ...]
    divisions: tuple[str, ...]
    plans: tuple[tuple[float, Plan], ...]
    places: tuple[str, ...]
    spots: tuple[str, ...]


SEGMENTS: tuple[tuple[float, Segment], ...] = (
    (
        0.34,
        Segment(
            businesses=(
                "Retail Parks",
                "Hotels, Inc.",
                "Brewing Co.",
                "Medical Center",
                "Outlet Mall",
                "& Daughters",
            ),
            divisions=("Facilities", "North Properties LLC", "Leasing"),
            plans=((0.78, COMMERCIAL), (0.15, STEADY), (0.07, PREVIEW)),
            places=("Lot A", "Lot B", "Visitor parking", "Employee garage", "Entrance East"),
            spots=("Charger", "Bay"),
        ),
    ),
    (
        0.26,
        Segment(
            businesses=("Apartments", "Lofts HOA", "Senior Living", "Residences LP", "Student Housing"),
            divisions=("Phase 2 LLC", "Management", "Garage Association"),
            plans=((0.85, MULTIFAMILY), (0.10, STEADY), (0.05, PREVIEW)),
            places=("Garage P1", "Garage P2", "Carport", "Guest parking"),
            spots=("Stall", "Space"),
        ),
    ),
    (
        0.24,
        Segment(
            businesses=("Freight Lines", "Dairy Delivery", "School Buses", "Courier Service", "Rental Cars"),
            divisions=("Depot Operations", "West Region", "Leasing Trust"),
            plans=((0.82, FLEET), (0.18, STEADY)),
            places=("Depot 1", "Depot 2", "Yard South", "Wash hall"),
            spots=("Lane", "Bay"),
        ),
    ),
    (
        0.16,
        Segment(
            businesses=(
                "County",
                "Parking Authority",
                "Unified School District",
                "Université",
                "Library Trust",
            ),
            divisions=("Public Works", "Parks & Recreation", "Transit"),
            plans=((0.68, MUNICIPAL), (0.22, COMMERCIAL), (0.10, STEADY)),
            places=("Main St", "Civic Center", "Library", "Park & Ride"),
            spots=("Post", "Kerb"),
        ),
    ),
)

FIRST_SYLLABLES = (
    "Quill", "Brindle", "Tarn", "Fenn", "Ostle", "Larrow", "Wend", "Harrow", "Pello", "Corrin",
    "Dunmar", "Ebber", "Gryll", "Istle", "Jorra", "Kestle", "Marrow", "Noll", "Orrin", "Pindle",
    "Rusk", "Sorrel", "Thistle", "Umber", "Varrow", "Wickle", "Yarro", "Zell", "Élan", "Nørre",
)  # fmt: skip
SECOND_SYLLABLES = (
    "fen", "marsh", "wick", "moor", "holt", "combe", "garth", "stead", "mere", "thwaite",
    "ridge", "shaw", "brook", "dale", "croft", "haven", "gate", "ley", "worth", "beck",
)  # fmt: skip
