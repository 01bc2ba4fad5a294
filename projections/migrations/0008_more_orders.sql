-- Pages of large reports in the order of station names, EVSE IDs and applied dates, and lines by a piece of any text.

-- What stations and their ports are called, a place a row: in order, and for who asks for a whole name.
drop table known_places;
create table known_places (
    place bigint not null,
    station_serial text collate "pg_c_utf8" not null,
    station_name text collate "pg_c_utf8",
    evse_id text collate "pg_c_utf8"
);
insert into known_places
select hashed_place(station_serial, station_name, evse_id), station_serial, station_name, evse_id
from places, unnest(station_serials, station_names, evse_ids) as place (station_serial, station_name, evse_id);
create index known_places_place on known_places (place);
create index known_places_station_name on known_places (lower(station_name collate "pg_c_utf8"));
create index known_places_evse_id on known_places (lower(evse_id collate "pg_c_utf8"));

create or replace function keep_owners_and_places(
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
        insert into known_places select hash, station_serial, station_name, evse_id from new
    )
    insert into places
    select array_agg(station_serial), array_agg(station_name), array_agg(evse_id)
    from (select *, row_number() over (order by station_serial) / 64 as document from new) as numbered
    group by document;
end $$;

-- The texts of a line, one after the other: a piece of any of them is a piece of this.
create function searched_line(
    part_number text, cloud_plan text, description text, token_type text, purchase_order text, sales_order text,
    customer_reference text, customer_name text, customer_id text
) returns text language sql immutable parallel safe
return lower((
    coalesce(part_number, '') || E'\n' || coalesce(cloud_plan, '') || E'\n' || coalesce(description, '') || E'\n'
    || coalesce(token_type, '') || E'\n' || coalesce(purchase_order, '') || E'\n' || coalesce(sales_order, '') || E'\n'
    || coalesce(customer_reference, '') || E'\n' || coalesce(customer_name, '') || E'\n' || coalesce(customer_id, '')
) collate "pg_c_utf8");
create index order_lines_searched on order_lines using gin (
    searched_line(
        part_number, cloud_plan, description, token_type, purchase_order, sales_order,
        customer_reference, customer_name, customer_id) gin_trgm_ops);

-- Earlier spans that were applied on another day than the last one are few at any instant, and found by their end.
create index tokens_applied on tokens (applied_date, token_serial) where applied_date is not null;
