-- Pages of few rows, found in the order of serials.

-- The tokens of a status, where they are few or come late in the order of serials: those that are New until more is known,
-- and likewise Available; and those that will be Available later, which dates of shipments tell, or without a shipment.
-- What a token is once its term has started is found by `tokens_started`.
create index tokens_new on tokens (token_serial) where available_at is null;
create index tokens_available on tokens (token_serial) where available_at is not null and active_at is null;
create index tokens_unshipped on tokens (available_at) where available_at is not null and ship_date is null;

-- Trigrams lead to lines that may have a piece, which is then searched for in their text: as it is stored, in half the
-- time that making it takes.
alter table order_lines
    add column searched_serials text collate "pg_c_utf8" generated always as (searched_serials(named)) stored;
alter table shipment_lines
    add column searched_serials text collate "pg_c_utf8" generated always as (searched_serials(serials)) stored;
drop index order_lines_named, shipment_lines_serials;
create index order_lines_named on order_lines using gin (searched_serials gin_trgm_ops);
create index shipment_lines_serials on shipment_lines using gin (searched_serials gin_trgm_ops);
