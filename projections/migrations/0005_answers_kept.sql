-- What was asked under an Idempotency-Key and what was answered, so that nothing is done twice.

create table kept_answers (
    idempotency_key text collate "pg_c_utf8" primary key,
    fingerprint bytea not null,   -- blake2b of what was asked, and of whose tokens the one who asked may see
    asked_at timestamptz not null default clock_timestamp(),
    -- zstd over MessagePack: what was decided, and the messages to publish; null: nothing was decided yet
    decided bytea,
    -- MessagePack: where the broker has them; null: whether it has is not known, they are published (again)
    published bytea
);
create index kept_answers_asked on kept_answers (asked_at);
