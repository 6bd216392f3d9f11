-- What `spiral_app` may do, said anew after each migration, by the owner of the tables. The record is read and added to;
-- the triggers on it refuse the rest to everybody, and only an owner could drop them.
BEGIN;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO spiral_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO spiral_app;
REVOKE UPDATE, DELETE ON journal, ledger FROM spiral_app;
REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM spiral_app;
REVOKE INSERT, DELETE ON installation FROM spiral_app;
COMMIT;
