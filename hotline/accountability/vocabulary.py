"""The closed vocabularies of accountability (追责问责): codes with their 中文 terms (domain.md §7).

The families of measures (§7.1) are separate sets on purpose: a 政务处分 and a 党纪处分 that are both called
警告 are two codes of two types, and no list can hold one for the other.
"""

from typing import Final

from hotline.model import Term


class ClueSource(Term):
    """线索来源: where a clue comes from (domain.md §7.3, §7.4)."""

    LADDER = "ladder", "督办阶梯"
    FALSE_CLOSING = "false_closing", "虚假办结"
    REPEAT = "repeat", "重复诉求"
    RATING = "rating", "好差评"
    SCREENING = "screening", "工单筛查"
    INSPECTION = "inspection", "督查巡察移送"
    MEDIA = "media", "媒体反映"
    CITIZEN = "citizen", "群众反映"


class DossierStage(Term):
    """案卷阶段: where an accountability file stands."""

    AWAITING_PLAN = "awaiting_plan", "待处置"
    TALK = "talk", "谈话函询"
    VERIFICATION = "verification", "初步核实"
    HELD = "held", "暂存待查"
    AWAITING_OPENING = "awaiting_opening", "待立案"
    INVESTIGATION = "investigation", "审查调查"
    DECIDING = "deciding", "处理"
    SETTLED = "settled", "予以了结"
    CLOSED = "closed", "结案"
    ARCHIVED = "archived", "归档"


IN_HAND: Final = frozenset(DossierStage) - {DossierStage.CLOSED, DossierStage.ARCHIVED}
"""The stages in which the discipline body still has something to do; in 结案 a period of effect may run on."""


class FileEvent(Term):
    """案卷进展: what a file tells the cases it came from, and nothing of whom it is about or what was decided."""

    OPENED = "opened", "登记线索"
    DECIDED = "decided", "作出处理决定"
    REVOKED = "revoked", "撤销处理决定"
    CLOSED = "closed", "结案"
    EFFECT_ENDED = "effect_ended", "影响期满"


class Disposal(Term):
    """处置方式: the four disposals of a clue (监督执纪工作规则; domain.md §7.3)."""

    TALK = "talk", "谈话函询"
    VERIFICATION = "verification", "初步核实"
    HOLD = "hold", "暂存待查"
    SETTLE = "settle", "予以了结"


class InquiryForm(Term):
    """How somebody is asked: face to face, or by a letter that is answered in writing."""

    TALK = "talk", "谈话"
    LETTER = "letter", "函询"


class Opinion(Term):
    """处置意见: what a talk, a verification or an investigation leads to."""

    SETTLE = "settle", "予以了结"
    HOLD = "hold", "暂存待查"
    VERIFY = "verify", "转初步核实"
    FIRST_FORM = "first_form", "第一种形态处理"
    INVESTIGATE = "investigate", "建议立案"
    DECIDE = "decide", "移送审理"


class Level(Term):
    """审批层级: the levels of the discipline body, the lowest first, the body above it, and the engine.

    The body above decides on a 复核 alone, and the engine approves nothing.
    """

    OFFICER = "officer", "承办人"
    SECTION = "section", "室主任"
    DEPUTY = "deputy", "分管领导"
    PRINCIPAL = "principal", "主要负责人"
    SUPERIOR = "superior", "上级机关"
    SYSTEM = "system", "系统"


class Matter(Term):
    """审批事项: what is proposed by one person and approved by others."""

    PLAN = "plan", "处置方案"
    CONCLUSION = "conclusion", "处置意见"
    OPENING = "opening", "立案"
    DECISION = "decision", "处理决定"
    RECOMMENDATION = "recommendation", "纪检监察建议书"
    PUBLICATION = "publication", "通报曝光"
    CLARIFICATION = "clarification", "澄清正名"


class Family(Term):
    """处理种类: the families of measures, which are never mixed (domain.md §7.1)."""

    FIRST_FORM = "first_form", "第一种形态"
    ORGANISATION = "organisation", "党组织问责"
    LEADING_CADRE = "leading_cadre", "党的领导干部问责"
    PARTY = "party", "党纪处分"
    ADMINISTRATIVE = "administrative", "政务处分"
    POSTING = "posting", "组织处理"
    TRANSFER = "transfer", "移送"


class FirstFormMeasure(Term):
    """第一种形态: no sanction, for minor breaches (监察法 art. 52, 政务处分法 art. 12)."""

    REMINDER = "reminder", "谈话提醒"
    CRITICISM = "criticism", "批评教育"
    SELF_EXAMINATION = "self_examination", "责令检查"
    ADMONITION = "admonition", "诫勉"


class OrganisationMeasure(Term):
    """党内问责 of a Party organisation (中国共产党问责条例)."""

    EXAMINATION = "examination", "检查"
    CIRCULAR = "circular", "通报"
    REORGANISATION = "reorganisation", "改组"


class LeadingCadreMeasure(Term):
    """党内问责 of a leading cadre; several may be combined (中国共产党问责条例)."""

    CIRCULAR = "circular", "通报"
    ADMONITION = "admonition", "诫勉"
    POSTING = "posting", "组织调整或者组织处理"
    DISCIPLINE = "discipline", "纪律处分"


class PartySanction(Term):
    """党纪处分: five, the lightest first (domain.md §7.1)."""

    WARNING = "warning", "警告"
    SERIOUS_WARNING = "serious_warning", "严重警告"
    REMOVAL = "removal", "撤销党内职务"
    PROBATION = "probation", "留党察看"
    EXPULSION = "expulsion", "开除党籍"


class AdministrativeSanction(Term):
    """政务处分: six, the lightest first (政务处分法 art. 7)."""

    WARNING = "warning", "警告"
    DEMERIT = "demerit", "记过"
    MAJOR_DEMERIT = "major_demerit", "记大过"
    DEMOTION = "demotion", "降级"
    DISMISSAL = "dismissal", "撤职"
    EXPULSION = "expulsion", "开除"


class PostingMeasure(Term):
    """组织处理, the lightest first (domain.md §7.1)."""

    SUSPENSION = "suspension", "停职检查"
    TRANSFER = "transfer", "调整职务"
    RESIGNATION = "resignation", "责令辞职"
    REMOVAL = "removal", "免职"
    DEMOTION = "demotion", "降职"


class Receiver(Term):
    """移送对象: whom a matter is handed over to."""

    POLICE = "police", "公安机关"
    PROCURATORATE = "procuratorate", "检察机关"
    OTHER = "other", "其他机关"


class Organ(Term):
    """决定机关: in whose name a decision is made; it decides which remedy is open (domain.md §7.6)."""

    SUPERVISORY = "supervisory", "监察机关"
    APPOINTING = "appointing", "任免机关"
    PARTY = "party", "党组织"


class Instrument(Term):
    """处理依据: the instruments that a decision may rest on."""

    SUPERVISION_LAW = "supervision_law", "监察法"
    SANCTIONS_LAW = "sanctions_law", "公职人员政务处分法"
    CIVIL_SERVANT_LAW = "civil_servant_law", "公务员法"
    PARTY_DISCIPLINE = "party_discipline", "中国共产党纪律处分条例"
    PARTY_ACCOUNTABILITY = "party_accountability", "中国共产党问责条例"
    DISCIPLINE_WORK = "discipline_work", "监督执纪工作规则"
    CADRE_POSTING = "cadre_posting", "组织处理规定"


class ToleranceRuling(Term):
    """容错认定: the answer that every proposed decision must give (domain.md §7.7)."""

    NONE = "none", "不适用容错"
    REDUCED = "reduced", "从轻或者减轻"
    EXEMPTED = "exempted", "免予问责"


class SupervisionForm(Term):
    """监督执纪四种形态: the four forms, the lightest first (domain.md §7.8)."""

    FIRST = "first", "第一种形态"
    SECOND = "second", "第二种形态"
    THIRD = "third", "第三种形态"
    FOURTH = "fourth", "第四种形态"


class Figure(Term):
    """统计项目: what accountability files are counted by (domain.md §7.8)."""

    SOURCE = "source", "线索来源"
    DISPOSAL = "disposal", "处置方式"
    FORM = "form", "四种形态"
    FAMILY = "family", "处理种类"
    MEASURE = "measure", "处理措施"
    TOLERANCE = "tolerance", "容错认定"


class Remedy(Term):
    """救济途径 (domain.md §7.6)."""

    REVIEW = "review", "复审"
    RECHECK = "recheck", "复核"
    CIVIL_REVIEW = "civil_review", "公务员复核"
    CIVIL_APPEAL = "civil_appeal", "公务员申诉"
    PARTY_APPEAL = "party_appeal", "党纪申诉"
    ACCOUNTABILITY_APPEAL = "accountability_appeal", "问责申诉"


class RemedyOutcome(Term):
    """What a remedy leads to; it is never heavier than before."""

    UPHELD = "upheld", "维持"
    REDUCED = "reduced", "变更（减轻）"
    REVOKED = "revoked", "撤销"


class PublicationScope(Term):
    """How far a notice goes (通报范围)."""

    INTERNAL = "internal", "内部通报"
    PUBLIC = "public", "公开曝光"


class DossierClockKind(Term):
    """时限: the clocks of an accountability file, periods of effect among them."""

    PLAN = "plan", "提出处置方案"
    APPROVAL = "approval", "审批"
    TALK_START = "talk_start", "开展谈话函询"
    INQUIRY_ANSWER = "inquiry_answer", "函询答复"
    TALK_CLOSE = "talk_close", "谈话函询办结"
    VERIFICATION = "verification", "初步核实"
    HELD_REVIEW = "held_review", "暂存复核"
    OPENING = "opening", "提请立案"
    INVESTIGATION = "investigation", "审查调查"
    DECISION = "decision", "提出处理意见"
    SERVICE = "service", "送达"
    EXECUTION = "execution", "执行"
    REMEDY = "remedy", "救济决定"
    RECOMMENDATION_REPLY = "recommendation_reply", "建议书回复"
    LOOK_BACK = "look_back", "回头看"
    RECTIFICATION = "rectification", "以案促改"
    ACKNOWLEDGEMENT = "acknowledgement", "移送回执"
    PUBLICATION = "publication", "发布通报"
    CLOSING = "closing", "结案"
    REMEDY_WINDOW = "remedy_window", "救济申请期"
    PROBATION = "probation", "留党察看期"
    EFFECT = "effect", "影响期"


PERIODS: Final = frozenset(
    {DossierClockKind.EFFECT, DossierClockKind.PROBATION, DossierClockKind.REMEDY_WINDOW}
)
"""Clocks that nobody can be late for: they end, and something follows."""


class DossierAlarm(Term):
    """What a clock of an accountability file announces: yellow before, red at the end (奎屯 三色预警)."""

    YELLOW = "yellow", "黄色预警"
    RED = "red", "红色预警"
    EXPIRY = "expiry", "期满"
