-- What the lists of stations and of order lines are read from.

-- A station's first activation, which lies packed in its facts: [[[microseconds, source, id] ...], truncated].
-- Every instant of an event (2000-2099) is packed as a uint64, in the 5th to 12th byte.
alter table subjects add column started_at timestamptz;

update subjects
set started_at = timestamptz 'epoch'
    + ('x' || encode(substring(facts from 5 for 8), 'hex'))::bit(64)::bigint * interval '1 microsecond'
where kind = 3 and get_byte(facts, 1) > 144;

create index tokens_station on tokens (station_serial) where station_serial is not null;
create index spans_station on spans (station_serial) where station_serial is not null;

-- How far local clocks are ahead of UTC, from an instant on until the next one: from the pinned time-zone data, so
-- that a date made in SQL is the one that is made in Python. Of one fold version, the newest.
create table local_offsets (
    from_at timestamptz primary key,
    ahead interval not null,
    fold_version integer not null
);

-- The version in force of each order line; of one that is known from shipments alone, or was taken back, the key alone.
create table order_lines (
    order_line text collate "pg_c_utf8" primary key,  -- sales order and line, as the list shows them
    identity bytea,                                   -- of the event that it is from; null: no version is in force
    known_at timestamptz,                             -- that event's `time`
    cancelled boolean,
    sales_order text collate "pg_c_utf8" not null,
    line text collate "pg_c_utf8" not null,
    part_number text collate "pg_c_utf8",
    cloud_plan text collate "pg_c_utf8",
    description text collate "pg_c_utf8",
    term_years smallint,
    token_type text collate "pg_c_utf8",
    org_id text collate "pg_c_utf8",
    org_name text collate "pg_c_utf8",
    purchase_order text collate "pg_c_utf8",
    customer_reference text collate "pg_c_utf8",
    customer_name text collate "pg_c_utf8",
    customer_id text collate "pg_c_utf8",
    order_date date,
    quantity bigint,
    named text[] collate "pg_c_utf8" not null default '{}'  -- sorted
);

-- What the version in force of each shipment delivers, by line.
create table shipment_lines (
    shipment text collate "pg_c_utf8" not null,
    order_line text collate "pg_c_utf8" not null,
    identity bytea not null,
    known_at timestamptz not null,
    sales_order text collate "pg_c_utf8" not null,
    line text collate "pg_c_utf8" not null,
    ship_date date not null,
    serials text[] collate "pg_c_utf8" not null,      -- sorted
    primary key (shipment, order_line)
);
create index shipment_lines_line on shipment_lines (order_line, shipment);

-- Order lines and shipments that were recorded before are in the journal alone: a rebuild reads them there.
update fold_versions set rebuilt_at = null, rebuilt_through = null
where exists (select from subjects where kind in (1, 2));
