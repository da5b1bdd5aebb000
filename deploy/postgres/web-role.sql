-- A role for the web (`migrator serve --no-worker`) that may write only what the web writes. For a PostgreSQL whose owner is the role that
-- runs this file: the one in the worker's database URL.
--
--     psql "$MIGRATOR_DATABASE_URL" --file deploy/postgres/web-role.sql
--     psql "$MIGRATOR_DATABASE_URL" --command '\password migrator_web'
--
-- Run it after `migrator db upgrade` and once the worker has started (the engine's tables are made then), and again after each upgrade: what
-- a new revision adds is not granted by itself. It needs the right to create roles; where that is somebody else's, they create `migrator_web` first.
-- Then give the web a database URL with this role. The worker, `db`, `forget` and every other command keep the owner's.
--
-- What it keeps from whoever breaks into the web: the ledger, budgets, leases, snapshots and verdicts are read only; the audit log and approvals
-- grow only, so what was done stays on record. What it does not: a forged approval is a row like any other.

do $$ begin
  if not exists (select from pg_roles where rolname = 'migrator_web') then
    create role migrator_web login;
  end if;
end $$;

revoke all on all tables in schema public, dbos from migrator_web;
revoke create on schema public from public;
grant usage on schema public, dbos to migrator_web;
grant select on all tables in schema public, dbos to migrator_web;
grant usage on all sequences in schema public to migrator_web;

-- webhooks, and `replay` on the deliveries page
grant insert, update on mig_delivery to migrator_web;
-- answers, and who answers which item just now
grant insert, delete on mig_review to migrator_web;
grant insert, update, delete on mig_review_claim to migrator_web;
-- plans that take back or repeat, made on a page and discarded there
grant insert, update, delete on mig_plan, mig_plan_item, mig_plan_fact to migrator_web;
grant insert on mig_item, mig_item_alias to migrator_web;
-- approval, start, pause, resume, cancel
grant insert on mig_approval to migrator_web;
grant insert, update on mig_run to migrator_web;
grant insert, update (creator_xid) on dbos.workflow_status to migrator_web;
grant insert on dbos.workflow_input to migrator_web;
-- scans, classifications and plans that a worker is asked for; how far one is and what it came to are the worker's to write
grant insert, update (state, finished_at) on mig_job to migrator_web;
-- what people did
grant insert on mig_audit to migrator_web;
