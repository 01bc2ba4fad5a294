"""All that can be listed, by the name that addresses and commands have for it."""

from projections.columns import TOKENS
from projections.listing import Listing
from projections.orders.columns import ORDERS
from projections.stations.columns import STATIONS

LISTINGS: dict[str, Listing] = {"tokens": TOKENS, "stations": STATIONS, "orders": ORDERS}
