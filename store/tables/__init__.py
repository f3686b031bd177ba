"""Every table, without methods, by what it is for: what PostgreSQL keeps and by which index it finds it again.

`facts` is the ledger and append-only, and so are `dossier_facts`, `problem_facts`, `case_accountability`, `knowledge_revisions`, `trail`, the anchors with what is under them, and what screening found and officers decided on it; `cases`, `clocks` and `holdings` are
read rows that can be rebuilt from it, and so is `firings`; `intake` is the outbox of registration; the `vault_*` tables alone hold citizens' data, sealed.
store/migrations creates them, and a test compares the two.
"""

from store.tables import (  # noqa: F401  the metadata knows what has been imported
    access,
    accountability,
    anchors,
    casework,
    indicators,
    knowledge,
    notices,
    problems,
    reference,
    registration,
    screening,
    tallies,
    trail,
    vault,
)
from store.tables.kinds import metadata as metadata
