"""What all tables share: one metadata, and the kinds of column that say what they hold."""

from typing import Final

from sqlalchemy import DateTime, MetaData, Text, text
from sqlalchemy.dialects.postgresql import ARRAY

metadata: Final = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    }
)

Instant: Final = DateTime(timezone=True)
Codes: Final = ARRAY(Text)
NEWEST_FIRST: Final = (text("registered_at DESC"), text("case_no DESC"))
