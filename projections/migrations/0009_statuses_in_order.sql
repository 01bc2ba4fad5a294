-- Pages of few rows, found in the order of serials.

-- The tokens of a status, where they are few or come late in the order of serials: those that are New until more is known,
-- and likewise Available; and those that will be Available later, which dates of shipments tell, or without a shipment.
-- What a token is once its term has started is found by `tokens_started`.
create index tokens_new on tokens (token_serial) where available_at is null and new_at is not null;
create index tokens_available on tokens (token_serial) where available_at is not null and active_at is null;
create index tokens_unshipped on tokens (available_at) where available_at is not null and ship_date is null;

-- Trigrams lead to lines that may have a piece, which is then searched for in their text: as it is stored, in half the
-- time that making it takes.
drop index order_lines_named, shipment_lines_serials;
alter table order_lines
    add column searched_serials text collate "pg_c_utf8" generated always as (searched_serials(named)) stored;
alter table shipment_lines
    add column searched_serials text collate "pg_c_utf8" generated always as (searched_serials(serials)) stored;
create index order_lines_named on order_lines using gin (searched_serials gin_trgm_ops);
create index shipment_lines_serials on shipment_lines using gin (searched_serials gin_trgm_ops);

-- As before, of parts that Postgres takes into the query that calls it: a call of its own took 2 us a place.
create or replace function hashed_place(station_serial text, station_name text, evse_id text) returns bigint
language sql immutable parallel safe
return hashtextextended(
    station_serial || E'\x1f' || coalesce(station_name, '') || E'\x1f' || coalesce(evse_id, ''), 0);
