-- All tokens are counted by what indexes tell of them in the end, and are corrected for what they are at an instant.

-- New ones count from an instant on, and gone ones no longer, whatever they were before.
drop index tokens_new;
create index tokens_new on tokens (token_serial) include (new_at) where available_at is null and new_at is not null;
create index tokens_gone on tokens (gone_at) include (token_serial, term_years, activation_date, available_at, new_at)
    where gone_at is not null;
