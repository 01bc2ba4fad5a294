"""Quix Streams: its packages in an environment of their own, and the tables that its sink fills."""

import sys
from collections.abc import Sequence
from pathlib import Path

from bench.contenders.installing import folder_of, installed
from bench.contenders.program import Program

__all__ = ["SCHEMA", "Quix"]

_NAME = "quix"
_PROGRAM = Path(__file__).with_name("quix_sink.py")
_PACKAGES = Path(__file__).with_name("quix.requirements.txt")

SCHEMA = """
create table orders (token_serial text primary key, sales_order text, purchase_order text, customer_reference text,
    customer_id text, customer_name text, org_id text, org_name text, order_date text, part_number text,
    cloud_plan text, description text, term_years integer, token_type text);
create table shipments (token_serial text primary key, sales_order text, ship_date text);
create table returns (token_serial text primary key, returned_at text);
create table applications (
    token_serial text primary key, station_serial text, station_name text, evse_id text, applied_at text);
create table activations (station text primary key, activated_at text);
create table transfers (token_serial text primary key, org_id text, org_name text);
create view tokens as
select token_serial, part_number, cloud_plan, nullif(description, '') as description, term_years, token_type,
    coalesce(transfers.org_id, orders.org_id) as org_id, coalesce(transfers.org_name, orders.org_name) as org_name,
    nullif(evse_id, '') as evse_id, nullif(station_serial, '') as station_serial,
    nullif(station_name, '') as station_name, activated_at, nullif(applied_at, '') as applied_at,
    nullif(purchase_order, '') as purchase_order,
    coalesce(orders.sales_order, shipments.sales_order) as sales_order,
    nullif(customer_reference, '') as customer_reference, customer_name, customer_id, order_date, ship_date
from orders full join shipments using (token_serial) full join returns using (token_serial)
    full join applications using (token_serial) full join transfers using (token_serial)
    left join activations on activations.station = station_serial
"""


class Quix(Program):
    """`bench/contenders/quix_sink.py`, in an environment of its own: its packages want other versions of ours."""

    async def prepare(self) -> None:
        await super().prepare()
        await installed(_NAME, (_PACKAGES,), _commands)

    def command(self) -> Sequence[str | Path]:
        return [folder_of(_NAME, (_PACKAGES,)) / "bin" / "python", _PROGRAM, *self.arguments]


def _commands(folder: Path) -> Sequence[Sequence[str | Path]]:
    pip: list[str | Path] = [folder / "bin" / "python", "-m", "pip", "install", "--quiet"]
    return [[sys.executable, "-m", "venv", folder], [*pip, "--requirement", _PACKAGES]]
