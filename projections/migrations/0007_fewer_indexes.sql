-- Each index costs every change of a token an entry: what can be found by fewer and narrower ones is.

-- Serials in the order of lower case. Where a serial is plain (ASCII without small letters and [ \ ] ^ _ `), that is
-- the order of the primary key; only the others need an index for it.
drop index tokens_serial;
create index tokens_not_plain on tokens (lower(token_serial collate "pg_c_utf8"), token_serial)
    where token_serial ~ '[^ -Z{-~]';

-- Owners under each of their names, of which there are few. An owner that no token has any more may stay, and one that
-- two writers brought at once may stand here twice.
create table owners (
    org_id text collate "pg_c_utf8" not null,
    org_name text collate "pg_c_utf8"
);
insert into owners
select org_id, org_name from tokens where org_id is not null
union
select org_id, org_name from spans where org_id is not null;
create index owners_org_id on owners (org_id);
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
-- Which places are in a document, by a hash.
create table known_places (place bigint not null);
create function hashed_place(station_serial text, station_name text, evse_id text) returns bigint
language sql immutable parallel safe
return hashtextextended(concat_ws(E'\x1f', station_serial, coalesce(station_name, ''), coalesce(evse_id, '')), 0);

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
insert into known_places
select hashed_place(station_serial, station_name, evse_id)
from places, unnest(station_serials, station_names, evse_ids) as place (station_serial, station_name, evse_id);
create index places_searched on places using gin (searched_places(station_names, evse_ids) gin_trgm_ops);
create index known_places_place on known_places (place);

-- Whoever writes rows keeps their owners and places, too, in its own transaction: what is missing here would be missing
-- in lists.
create function keep_owners_and_places(
    org_ids text[], org_names text[], station_serials text[], station_names text[], evse_ids text[]
) returns void language plpgsql as $$
begin
    insert into owners
    select * from unnest(org_ids, org_names) as owner (org_id, org_name)
    where not exists (
        select from owners
        where owners.org_id = owner.org_id and owners.org_name is not distinct from owner.org_name);
    with place as materialized (
        select *, hashed_place(station_serial, station_name, evse_id) as hash
        from unnest(station_serials, station_names, evse_ids) as place (station_serial, station_name, evse_id)
    ), new as materialized (
        select * from place where not exists (select from known_places where known_places.place = place.hash)
    ), kept as (
        insert into known_places select hash from new
    )
    insert into places
    select array_agg(station_serial), array_agg(station_name), array_agg(evse_id)
    from (select *, row_number() over (order by station_serial) / 64 as document from new) as numbered
    group by document;
end $$;

-- A row that changes is taken out and put in again, so that no page keeps room for it.
alter table tokens set (fillfactor = 100);
