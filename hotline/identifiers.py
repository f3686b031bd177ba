"""Every identifier of the system and the only place where one is built or taken apart.

A case number (工单编号) is 18 digits: yyMMddHHmmss in Shanghai time, 2 digits of channel, 4 of sequence
(domain.md §1.4). Derived numbers append a suffix; workflow ids carry the number and nothing personal.
"""

import hashlib
import re
from datetime import datetime
from typing import Final, NewType

from hotline.calendar import SHANGHAI

CaseNo = NewType("CaseNo", str)
UnitCode = NewType("UnitCode", str)
UserId = NewType("UserId", str)
CommandId = NewType("CommandId", str)
TextId = NewType("TextId", str)
ClockId = NewType("ClockId", str)
MeasureNo = NewType("MeasureNo", str)
HitNo = NewType("HitNo", str)
NoticeId = NewType("NoticeId", str)
DeliveryId = NewType("DeliveryId", str)
JointNo = NewType("JointNo", str)
KnowledgeNo = NewType("KnowledgeNo", str)

HOTLINE: Final = UnitCode("12345")
"""The hotline body itself (热线管理机构), which owns a case whenever no other unit does."""

SEQUENCES: Final = 10_000
CASE_NO: Final = re.compile(r"[0-9]{18}")
USER_ID: Final = r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}"
"""The form of an account's id (账号): what a person can type and what a command id may contain."""

MEASURE_NO: Final = r"[0-9]{18}-(CB|DB|HP|YT|TB|GP|JF)[0-9]{2,4}"
"""The form of a measure's number (督办编号): the case's, the letters of its kind, and a count."""

JOINT_NO: Final = r"[0-9]{18}-SZ[0-9]{2,4}"
"""The form of the number of a joint supervision (联动编号): the case's, SZ, and a count."""

HIT_NO: Final = r"[0-9]{18}-SC[0-9]{2,4}"
"""The form of the number of a hit of screening (筛查编号): the case's, SC, and a count."""

KNOWLEDGE_NO: Final = r"K-[0-9]{6,}"
"""The form of the number of an entry of the knowledge base (知识编号): K and at least six digits of sequence."""

_WORKFLOW_PREFIX: Final = "case:"
_ROLLOUT_PREFIX: Final = "policy-rollout:"


def case_no(registered_at: datetime, channel_code: str, sequence: int) -> CaseNo:
    """Build the number of a case; `sequence` wraps at 10,000 and the database refuses a collision."""
    stamp = registered_at.astimezone(SHANGHAI).strftime("%y%m%d%H%M%S")
    return CaseNo(f"{stamp}{channel_code}{sequence % SEQUENCES:04d}")


def measure_no(number: CaseNo, mark: str, count: int) -> MeasureNo:
    """Build the number of a measure from its case's; `mark` is the letters of its kind."""
    return MeasureNo(f"{number}-{mark}{count:02d}")


def joint_no(number: CaseNo, count: int) -> JointNo:
    """Build the number of a joint supervision from its case's."""
    return JointNo(f"{number}-SZ{count:02d}")


def hit_no(number: CaseNo, count: int) -> HitNo:
    """Build the number of a hit of screening from its case's."""
    return HitNo(f"{number}-SC{count:02d}")


def knowledge_no(sequence: int) -> KnowledgeNo:
    """Build the number of an entry of the knowledge base."""
    return KnowledgeNo(f"K-{sequence:06d}")


def is_knowledge_no(text: str) -> bool:
    """Tell whether a text has the form of the number of an entry."""
    return re.fullmatch(KNOWLEDGE_NO, text) is not None


def is_case_no(text: str) -> bool:
    """Tell whether a text has the form of a case number."""
    return CASE_NO.fullmatch(text) is not None


def is_user_id(text: str) -> bool:
    """Tell whether a text has the form of an account's id."""
    return re.fullmatch(USER_ID, text, re.ASCII) is not None


def workflow_id(number: CaseNo) -> str:
    """The id of the workflow that is the case."""
    return _WORKFLOW_PREFIX + number


def rollout_id(revision: str) -> str:
    """The id of the workflow that brings a policy revision to the living cases: one per revision."""
    return _ROLLOUT_PREFIX + revision


def case_no_of(workflow: str) -> CaseNo:
    """The number of the case that a workflow is."""
    return CaseNo(workflow.removeprefix(_WORKFLOW_PREFIX))


def derived_command(cause: str, what: str) -> CommandId:
    """A stable command id for what one command or clock causes, so that a retry causes it once."""
    return CommandId(hashlib.sha256(f"{cause}/{what}".encode()).hexdigest()[:32])


def notice_id(number: CaseNo, seq: int, kind: str) -> NoticeId:
    """The id of what is told of a fact (通知编号); a fact is told of once for each kind of notice."""
    return NoticeId(f"{number}-{seq}-{kind}")


def delivery_id(notice: NoticeId, recipient: str, channel: str) -> DeliveryId:
    """The id under which an outside channel carries a notice to somebody: the same at every try."""
    return DeliveryId(hashlib.sha256(f"{notice}/{recipient}/{channel}".encode()).hexdigest()[:32])


# ── accountability 追责问责 ─────────────────────────────────────────────────────────────────────

DossierNo = NewType("DossierNo", str)
PersonId = NewType("PersonId", str)
"""Somebody in the record of accountability: opaque, and told apart from any account; the vault has the name."""

DOSSIER_NO: Final = re.compile(r"WZ[0-9]{10}")
_DOSSIER_PREFIX: Final = "accountability:"


def dossier_no(registered_at: datetime, sequence: int) -> DossierNo:
    """Build the number of an accountability file (线索编号): WZ, the year in Shanghai, six of sequence."""
    return DossierNo(f"WZ{registered_at.astimezone(SHANGHAI).year:04d}{sequence % 1_000_000:06d}")


def is_dossier_no(text: str) -> bool:
    """Tell whether a text has the form of a dossier's number."""
    return DOSSIER_NO.fullmatch(text) is not None


def dossier_workflow_id(number: DossierNo) -> str:
    """The id of the workflow that is the accountability file."""
    return _DOSSIER_PREFIX + number


def decision_no(number: DossierNo, decision: int) -> str:
    """The number of a decision (处理决定书), derived from its dossier's: WZ2026000001-JD01."""
    return f"{number}-JD{decision:02d}"


def recommendation_no(number: DossierNo, recommendation: int) -> str:
    """The number of a 纪检监察建议书, derived from its dossier's: WZ2026000001-JY01."""
    return f"{number}-JY{recommendation:02d}"


def circular_id(reference: str, notice: int) -> str:
    """Under which a 通报 is published: it leads nobody to the dossier."""
    return hashlib.sha256(f"{reference}/circular/{notice}".encode()).hexdigest()[:16]


# ── repeat problems 重复性问题台账 ──────────────────────────────────────────────────────────────

LineNo = NewType("LineNo", str)

LINE_NO: Final = re.compile(r"CF[0-9]{10}")
_LINE_PREFIX: Final = "repeat-problem:"


def line_no(opened_at: datetime, sequence: int) -> LineNo:
    """Build the number of a line in the ledger (台账编号): CF, the year in Shanghai, six of sequence."""
    return LineNo(f"CF{opened_at.astimezone(SHANGHAI).year:04d}{sequence % 1_000_000:06d}")


def is_line_no(text: str) -> bool:
    """Tell whether a text has the form of a line's number."""
    return LINE_NO.fullmatch(text) is not None


def line_workflow_id(number: LineNo) -> str:
    """The id of the workflow that is the line."""
    return _LINE_PREFIX + number
