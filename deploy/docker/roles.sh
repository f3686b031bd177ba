#!/usr/bin/env bash
# Runs once, on an empty volume: the roles and databases of deploy/README.md, "Database".
set -euo pipefail
secret() { cat "/run/secrets/$1"; }
psql -v ON_ERROR_STOP=1 -v owner="$(secret owner_password)" -v app="$(secret app_password)" -v temporal="$(secret temporal_password)" \
  --username postgres <<'SQL'
CREATE ROLE hotline_owner LOGIN PASSWORD :'owner';
CREATE ROLE hotline_app LOGIN PASSWORD :'app';
CREATE ROLE temporal LOGIN CREATEDB PASSWORD :'temporal';
CREATE DATABASE hotline OWNER hotline_owner ENCODING 'UTF8' TEMPLATE template0;
\connect hotline
ALTER SCHEMA public OWNER TO hotline_owner;
GRANT USAGE ON SCHEMA public TO hotline_app;
ALTER DEFAULT PRIVILEGES FOR ROLE hotline_owner GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO hotline_app;
ALTER DEFAULT PRIVILEGES FOR ROLE hotline_owner GRANT USAGE, SELECT ON SEQUENCES TO hotline_app;
SQL
