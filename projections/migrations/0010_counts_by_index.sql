-- All tokens are counted by slim indexes, which tell together what each is.

-- Until their term starts, what they are follows from these instants; then, from its days (`tokens_started`).
drop index tokens_new, tokens_available;
create index tokens_new on tokens (token_serial) include (new_at) where available_at is null and new_at is not null;
create index tokens_available on tokens (token_serial) include (new_at, available_at)
    where available_at is not null and active_at is null;
-- What is counted no longer.
create index tokens_gone on tokens (gone_at) include (token_serial, term_years, activation_date, available_at)
    where gone_at is not null;
