-- What became of a dead letter: it waits, was published again, or was given up with a reason.

alter table dead_letters
    add column state text not null default 'open' check (state in ('open', 'requeued', 'discarded')),
    add column settled_at timestamptz,      -- when it was last requeued, or discarded
    add column reason text,                 -- why it was discarded; kept when it is requeued after all
    add column edited boolean not null default false,  -- requeued as a corrected event
    add column requeued_topic text,         -- where the broker put it when it was last requeued
    add column requeued_partition integer,
    add column requeued_offset bigint;

-- The list of those that wait, however many were settled.
create index dead_letters_open on dead_letters (dead_letter) where state = 'open';

-- What became of a message that was requeued: another letter, where it failed again.
create index dead_letters_place on dead_letters (topic, partition, "offset");
