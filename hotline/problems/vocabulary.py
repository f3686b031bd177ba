"""The closed vocabularies of a line in the ledger of repeat problems (重复性问题台账), each code with its 中文 term."""

from typing import Final

from hotline.model import Term


class ProblemStage(Term):
    """Where a line stands (product.md §2): opened, cleared 销号, held through a look-back, or over."""

    AWAITING_LEAD = "awaiting_lead", "待明确牵头"
    AWAITING_PLAN = "awaiting_plan", "待定方案"
    RECTIFYING = "rectifying", "整改中"
    IN_AUDIT = "in_audit", "待核销"
    AWAITING_REVISITS = "awaiting_revisits", "待回访确认"
    CLEARED = "cleared", "已销号"
    HELD = "held", "回头看期满"
    FILED = "filed", "归档"


UNCLEARED: Final = frozenset(
    {
        ProblemStage.AWAITING_LEAD,
        ProblemStage.AWAITING_PLAN,
        ProblemStage.RECTIFYING,
        ProblemStage.IN_AUDIT,
        ProblemStage.AWAITING_REVISITS,
    }
)
"""What 清零 counts down to none."""


class Standing(Term):
    """How a linked case stands, as far as clearing a line asks."""

    OPEN = "open", "在办"
    SATISFIED = "satisfied", "回访满意"
    UNCONFIRMED = "unconfirmed", "未经回访确认"


class ProblemClockKind(Term):
    """The obligations that can run on a line (台账时限)."""

    LEAD = "lead", "明确牵头单位"
    PLAN = "plan", "制定方案"
    MILESTONE = "milestone", "整改节点"
    CLEARANCE = "clearance", "清零"
    AUDIT = "audit", "核销审核"
    LOOK_BACK = "look_back", "回头看"
    FILING = "filing", "归档"


class ReopenGround(Term):
    """Why a cleared line is open again (反弹)."""

    NEW_CASE = "new_case", "同一问题再次反映"
    CASE_REOPENED = "case_reopened", "关联工单重新办理"


class BurstGround(Term):
    """How a burst 聚集 was dealt with."""

    MASS_EVENT = "mass_event", "已建立群体性诉求"
    UNRELATED = "unrelated", "诉求互不相关"
    IN_HAND = "in_hand", "已另行办理"
