-- The journal: every event once, in compressed segments, and the index that makes a repeat a no-op.

create table segments (
    segment bigint generated always as identity primary key,
    recorded_at timestamptz not null default clock_timestamp(),
    messages integer not null,
    -- crc32 of each subject that a message in here names; false positives are sorted out by reading it
    subjects integer[] not null,
    -- zstd over MessagePack: [topic, partition, offset, timestamp_ms, key, headers, value] a message
    body bytea not null
);
alter table segments alter column body set storage external;

create table events (
    identity bytea primary key,   -- blake2b-128 of source and id
    content bytea,                -- blake2b-128 of type and data; null: known by a retraction alone so far
    segment bigint,
    position integer,
    retracted_at timestamptz      -- the earliest `time` of a retraction of it
);

-- What events say of order lines (kind 1), shipments (2) and stations (3).

create table subjects (
    kind smallint not null,
    key text collate "pg_c_utf8" not null,
    facts bytea not null,         -- versions or activations, MessagePack
    serials bytea not null,       -- every token that is folded again when this subject changes, MessagePack
    primary key (kind, key)
);

-- Which rules, zone and time-zone data a row was folded with.

create table fold_versions (
    fold_version integer generated always as identity primary key,
    rules integer not null,
    zone text not null,
    time_zone_data text not null,
    unique (rules, zone, time_zone_data)
);

-- A token's row: its cells, its last span, the instants of its stages, and its own facts packed.

create table tokens (
    token_serial text collate "pg_c_utf8" primary key,
    part_number text collate "pg_c_utf8",
    cloud_plan text collate "pg_c_utf8",
    description text collate "pg_c_utf8",
    term_years smallint,
    token_type text collate "pg_c_utf8",
    purchase_order text collate "pg_c_utf8",
    sales_order text collate "pg_c_utf8",
    customer_reference text collate "pg_c_utf8",
    customer_name text collate "pg_c_utf8",
    customer_id text collate "pg_c_utf8",
    order_date date,
    ship_date date,
    org_id text collate "pg_c_utf8",
    org_name text collate "pg_c_utf8",
    evse_id text collate "pg_c_utf8",
    station_serial text collate "pg_c_utf8",
    station_name text collate "pg_c_utf8",
    applied_date date,
    span_starts_at timestamptz,
    activation_date date,
    expiration_date date,
    new_at timestamptz,
    available_at timestamptz,
    active_at timestamptz,
    expired_at timestamptz,
    gone_at timestamptz,
    anomalies text[] collate "pg_c_utf8" not null default '{}',
    announced smallint,           -- the status last announced, in lifecycle order; null: none
    sequence integer not null,    -- of announcements
    due_at timestamptz,           -- when the clock must look at it again; null: only an event can change it
    fold_version integer not null,
    digest bytea not null,        -- of the row (8 bytes) and of its earlier spans (8): an unchanged row is not written
    facts bytea not null
) with (fillfactor = 80);

create index tokens_due on tokens (due_at) where due_at is not null;

create table spans (              -- earlier spans, [starts_at, ends_at)
    token_serial text collate "pg_c_utf8" not null,
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    org_id text collate "pg_c_utf8",
    org_name text collate "pg_c_utf8",
    evse_id text collate "pg_c_utf8",
    station_serial text collate "pg_c_utf8",
    station_name text collate "pg_c_utf8",
    applied_date date,
    primary key (token_serial, starts_at)
);
-- A report at an instant asks for the spans that end after it: now, nearly none.
create index spans_end on spans (ends_at);

-- Expiring notices that were sent: a token, threshold and term's end gets one, however often that end moves.

create table notices (
    token_serial text collate "pg_c_utf8" not null,
    expires_at timestamptz not null,
    days_left smallint not null,
    primary key (token_serial, expires_at, days_left)
);

-- One row a transaction; taken away when the broker has acknowledged what it says.

create table outbox (
    entry bigint generated always as identity primary key,
    recorded_at timestamptz not null default clock_timestamp(),
    body bytea not null           -- MessagePack: what projections/recorder/announcements.py packs
);

create table offsets (
    topic text not null,          -- with its prefix
    partition integer not null,
    topic_id text not null,       -- the broker's own id: a topic made anew has another
    next_offset bigint not null,
    primary key (topic, partition)
);

create table dead_letters (
    dead_letter bigint generated always as identity primary key,
    rule text not null,
    pointer text not null,
    message text not null,
    source text,
    event_id text,
    topic text not null,
    partition integer not null,
    "offset" bigint not null,
    key bytea,
    value bytea,
    headers bytea not null,       -- MessagePack: [[name, value] ...]
    published_at timestamptz not null,
    recorded_at timestamptz not null default clock_timestamp()
);
