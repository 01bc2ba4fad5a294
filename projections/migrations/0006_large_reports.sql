-- What large reports are read from. Each of these is written with the tokens or lines: what that costs stands in
-- docs/benchmarks.md.

-- An owner's tokens in the order of serials; and counts, which need nothing but what is in here.
create index tokens_owned on tokens (org_id, token_serial)
    include (new_at, available_at, active_at, expired_at, gone_at, span_starts_at, expiration_date, anomalies);
-- The names of all owners, of which there are few: each is looked up behind the one before.
create index tokens_org_name on tokens (org_name);
create index tokens_expiration on tokens (expiration_date, token_serial) where expiration_date is not null;
create index tokens_serial on tokens (lower(token_serial collate "pg_c_utf8"), token_serial);

-- Serials are searched for by their lines and shipments, which are written once and not with each change of a token.
-- Those that no line names are known by the missing sales order.
create extension if not exists pg_trgm;
create function searched_serials(serials text[]) returns text
language sql immutable strict parallel safe
return lower(array_to_string(serials, ' ') collate "pg_c_utf8");
create index order_lines_named on order_lines using gin (searched_serials(named) gin_trgm_ops);
create index shipment_lines_serials on shipment_lines using gin (searched_serials(serials) gin_trgm_ops);
create index tokens_without_line on tokens (token_serial) where sales_order is null;

-- Stations in the order of the list, and searched for.
create index subjects_station on subjects (lower(key collate "pg_c_utf8")) where kind = 3;
create index subjects_station_searched on subjects
    using gin (lower(key collate "pg_c_utf8") gin_trgm_ops) where kind = 3;
create index spans_owned on spans (org_id);

-- How many tokens a filter will find decides how they are best found. Made by ANALYZE, not by writing.
create statistics tokens_part_number on (lower(part_number collate "pg_c_utf8")) from tokens;
create statistics tokens_cloud_plan on (lower(cloud_plan collate "pg_c_utf8")) from tokens;
create statistics tokens_description on (lower(description collate "pg_c_utf8")) from tokens;
create statistics tokens_token_type on (lower(token_type collate "pg_c_utf8")) from tokens;
create statistics tokens_purchase_order on (lower(purchase_order collate "pg_c_utf8")) from tokens;
create statistics tokens_sales_order on (lower(sales_order collate "pg_c_utf8")) from tokens;
create statistics tokens_customer_reference on (lower(customer_reference collate "pg_c_utf8")) from tokens;
create statistics tokens_customer_name on (lower(customer_name collate "pg_c_utf8")) from tokens;
create statistics tokens_customer_id on (lower(customer_id collate "pg_c_utf8")) from tokens;
create statistics tokens_org_id on (lower(org_id collate "pg_c_utf8")) from tokens;
create statistics tokens_owner_name on (lower(org_name collate "pg_c_utf8")) from tokens;
create statistics tokens_evse_id on (lower(evse_id collate "pg_c_utf8")) from tokens;
create statistics tokens_station_serial on (lower(station_serial collate "pg_c_utf8")) from tokens;
create statistics tokens_station_name on (lower(station_name collate "pg_c_utf8")) from tokens;

-- Counts read the index alone where pages of the table were vacuumed since they changed.
alter table tokens set (
    autovacuum_vacuum_scale_factor = 0.05,
    autovacuum_vacuum_insert_scale_factor = 0.05,
    autovacuum_analyze_scale_factor = 0.05);
