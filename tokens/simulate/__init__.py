"""A believable company: seeded events of years of service tokens, as its systems would have sent them.

The way of an event through here: `company` (which customers) → `customer` (which orders, when) → `order`,
`revision`, `shipment` → `installation`, `station`, `ownership`, `returns` (what becomes of the tokens) →
`delivery` (late, twice, shuffled) → `spool` (sorted) → `spoiled` (bad messages, where asked for) → `stream`.
How often anything happens is in `habits` alone.
"""
