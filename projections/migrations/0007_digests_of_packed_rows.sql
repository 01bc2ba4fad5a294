-- A row's digest is of its packed cells now. A rebuild makes those that are of another kind anew.
update fold_versions set rebuilt_at = null, rebuilt_through = null where exists (select from tokens);
