"""How a migration makes a table append-only (只增不改): evidence only ever grows, whoever holds the connection.

A trigger refuses changes to everybody, the owner included (domain.md §12 rule 25); other roles, such as the application's,
lose the right as well, whatever they are called. `refuse_change()` comes with revision 0001.
"""

from collections.abc import Iterator
from typing import Final

_NEVER_CHANGED: Final = """
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION refuse_change()
"""
_NEVER_TRUNCATED: Final = """
CREATE TRIGGER {table}_never_truncated BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""
_NOT_GRANTED: Final = """
DO $$
DECLARE grantee_name text;
BEGIN
    FOR grantee_name IN
        SELECT DISTINCT grantee FROM information_schema.role_table_grants
        WHERE table_schema = current_schema() AND table_name = '{table}' AND grantee <> current_user
    LOOP
        EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM %s',
            CASE grantee_name WHEN 'PUBLIC' THEN 'PUBLIC' ELSE quote_ident(grantee_name) END);
    END LOOP;
END
$$
"""


def append_only(table: str) -> Iterator[str]:
    """The statements that make it so."""
    for statement in (_NEVER_CHANGED, _NEVER_TRUNCATED, _NOT_GRANTED):
        yield statement.format(table=table)
