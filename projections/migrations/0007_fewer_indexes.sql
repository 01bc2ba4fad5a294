-- Each index costs every change of a token an entry: what can be found by fewer and narrower ones is.

-- Serials in the order of lower case. Where a serial is plain (ASCII without small letters and [ \ ] ^ _ `), that is
-- the order of the primary key; only the others need an index for it.
drop index tokens_serial;
create index tokens_not_plain on tokens (lower(token_serial collate "pg_c_utf8"), token_serial)
    where token_serial ~ '[^ -Z{-~]';

-- Owners under each of their names, of which there are few: whoever writes a token or span keeps them here. An owner
-- that no token has any more may stay, and one that two writers brought at once may stand here twice.
create table owners (
    org_id text collate "pg_c_utf8" not null,
    org_name text collate "pg_c_utf8"
);
insert into owners
select org_id, org_name from tokens where org_id is not null
union
select org_id, org_name from spans where org_id is not null;
drop index tokens_org_name;

-- An owner's tokens in the order of serials, and counts. Few tokens show anomalies: these are counted apart.
drop index tokens_owned;
create index tokens_owned on tokens (org_id, token_serial)
    include (new_at, available_at, active_at, expired_at, gone_at, span_starts_at, expiration_date);
create index tokens_anomalous on tokens (org_id, token_serial)
    include (new_at, available_at, active_at, expired_at, gone_at, span_starts_at, expiration_date, anomalies)
    where anomalies <> '{}';

-- Started terms, by their length: a term's end follows from both, in one order with its start.
drop index tokens_expiration;
create index tokens_started on tokens (term_years, activation_date, token_serial) where activation_date is not null;

-- Room for a row that changes on its own page: no index is written then, since what they are of never changes.
alter table subjects set (fillfactor = 80);

-- What tokens have from their lines and shipments, in order. A line is written once for all its tokens.
create index order_lines_part_number on order_lines (lower(part_number collate "pg_c_utf8"));
create index order_lines_cloud_plan on order_lines (lower(cloud_plan collate "pg_c_utf8"));
create index order_lines_description on order_lines (lower(description collate "pg_c_utf8"));
create index order_lines_term_years on order_lines (term_years);
create index order_lines_token_type on order_lines (lower(token_type collate "pg_c_utf8"));
create index order_lines_purchase_order on order_lines (lower(purchase_order collate "pg_c_utf8"));
create index order_lines_sales_order on order_lines (lower(sales_order collate "pg_c_utf8"));
create index order_lines_customer_reference on order_lines (lower(customer_reference collate "pg_c_utf8"));
create index order_lines_customer_name on order_lines (lower(customer_name collate "pg_c_utf8"));
create index order_lines_customer_id on order_lines (lower(customer_id collate "pg_c_utf8"));
create index order_lines_order_date on order_lines (order_date);
create index shipment_lines_ship_date on shipment_lines (ship_date);

-- How many stations or names of owners are of a text, for the plans.
create statistics subjects_key on (lower(key collate "pg_c_utf8")) from subjects;

-- What stations and their ports are called, for those who search by it: documents of some places each, written when a
-- token comes to a place. Trigrams of a document are a fraction of those of its places, each by itself.
create table places (
    station_serials text[] collate "pg_c_utf8" not null,
    station_names text[] collate "pg_c_utf8" not null,
    evse_ids text[] collate "pg_c_utf8" not null
);
create function searched_places(station_names text[], evse_ids text[]) returns text
language sql immutable parallel safe
return lower((array_to_string(station_names, ' ') || ' ' || array_to_string(evse_ids, ' ')) collate "pg_c_utf8");
insert into places
select array_agg(station_serial), array_agg(station_name), array_agg(evse_id)
from (
    select *, row_number() over (order by station_serial) / 64 as document
    from (
        select station_serial, station_name, evse_id from tokens
        where station_serial is not null and (station_name is not null or evse_id is not null)
        union
        select station_serial, station_name, evse_id from spans
        where station_serial is not null and (station_name is not null or evse_id is not null)
    ) as place
) as numbered group by document;
create index places_searched on places using gin (searched_places(station_names, evse_ids) gin_trgm_ops);
