"""The closed vocabularies of a case: each code with its 中文 term, as in docs/glossary.md.

They are the words of product.md §2–§3; a code never changes once a fact carries it.
"""

from typing import Final

from hotline.model import Term


class Phase(Term):
    """The five phases of a case (product.md §2)."""

    INTAKE = "intake", "登记受理"
    ASSIGNMENT = "assignment", "分派"
    RECTIFICATION = "rectification", "办理整改"
    REVISIT = "revisit", "回访"
    CLOSEOUT = "closeout", "办结归档"


class Status(Term):
    """Where a case stands; every status belongs to one phase."""

    RECEIVED = "received", "待受理"
    AWAITING_DETAILS = "awaiting_details", "待补充"
    AWAITING_DISPATCH = "awaiting_dispatch", "待派遣"
    AWAITING_SIGNATURE = "awaiting_signature", "待签收"
    RETURN_REVIEW = "return_review", "退单审核"
    JOINT_REVIEW = "joint_review", "会商"
    IN_HAND = "in_hand", "办理中"
    SUSPENDED = "suspended", "挂账"
    REPLY_REVIEW = "reply_review", "待审核"
    REWORK = "rework", "退回重办"
    AWAITING_REVISIT = "awaiting_revisit", "待回访"
    UNREACHED = "unreached", "未接通"
    COMPLETED = "completed", "办结"
    TERMINATED = "terminated", "终止"
    NOT_ACCEPTED = "not_accepted", "不予受理"
    TRANSFERRED = "transferred", "移送"
    ARCHIVED = "archived", "归档"


PHASE_OF: Final = {
    Status.RECEIVED: Phase.INTAKE,
    Status.AWAITING_DETAILS: Phase.INTAKE,
    Status.AWAITING_DISPATCH: Phase.ASSIGNMENT,
    Status.AWAITING_SIGNATURE: Phase.ASSIGNMENT,
    Status.RETURN_REVIEW: Phase.ASSIGNMENT,
    Status.JOINT_REVIEW: Phase.ASSIGNMENT,
    Status.IN_HAND: Phase.RECTIFICATION,
    Status.SUSPENDED: Phase.RECTIFICATION,
    Status.REPLY_REVIEW: Phase.RECTIFICATION,
    Status.REWORK: Phase.RECTIFICATION,
    Status.AWAITING_REVISIT: Phase.REVISIT,
    Status.UNREACHED: Phase.REVISIT,
    Status.COMPLETED: Phase.CLOSEOUT,
    Status.TERMINATED: Phase.CLOSEOUT,
    Status.NOT_ACCEPTED: Phase.CLOSEOUT,
    Status.TRANSFERRED: Phase.CLOSEOUT,
    Status.ARCHIVED: Phase.CLOSEOUT,
}

TERMINAL: Final = frozenset({Status.COMPLETED, Status.TERMINATED, Status.NOT_ACCEPTED, Status.TRANSFERRED})
"""The four ends of a case (domain.md §12 rule 3); an archived case keeps the one it ended in."""

CLOSED: Final = TERMINAL | {Status.ARCHIVED}
OPEN: Final = frozenset(Status) - CLOSED


class RequestType(Term):
    """诉求类型 (domain.md §1.2)."""

    CONSULT = "consult", "咨询"
    HELP = "help", "求助"
    SUGGESTION = "suggestion", "建议"
    COMPLAINT = "complaint", "投诉"
    REPORT = "report", "举报"
    PRAISE = "praise", "表扬"


class Urgency(Term):
    """紧急程度: utilities count as urgent, danger to life or property as critical (domain.md §3.1)."""

    NORMAL = "normal", "一般"
    URGENT = "urgent", "紧急"
    CRITICAL = "critical", "特急"


class Channel(Term):
    """诉求渠道 (domain.md §1.1)."""

    PHONE = "phone", "电话"
    WEB = "web", "网站"
    APP = "app", "客户端"
    MINI_PROGRAM = "mini_program", "小程序"
    WECHAT = "wechat", "微信"
    SMS = "sms", "短信"
    LETTER = "letter", "来信"
    VISIT = "visit", "来访"
    EMAIL = "email", "邮件"
    UPSTREAM = "upstream", "上级转派"
    INSPECTOR = "inspector", "监督员上报"
    SENSOR = "sensor", "感知设备"
    RATING = "rating", "好差评"
    MEDIA = "media", "媒体"
    POLICE = "police", "110转交"


CHANNEL_CODE: Final = {channel: f"{number:02d}" for number, channel in enumerate(Channel, start=1)}
"""The two digits of a channel in a case number; new channels are only ever added at the end."""


class EmergencyService(Term):
    """Where a request of class R1 goes at once (domain.md §1.7)."""

    POLICE = "110", "公安 110"
    FIRE = "119", "消防 119"
    MEDICAL = "120", "急救 120"
    TRAFFIC = "122", "交通事故 122"


class RejectReason(Term):
    """不予受理 reasons R2–R11 (domain.md §1.7); R1 is never a refusal but a transfer."""

    R2 = "R2", "应当或者已经通过诉讼、仲裁、纪检监察、行政复议、政府信息公开等途径办理"
    R3 = "R3", "已进入信访渠道"
    R4 = "R4", "同一事项正在办理或者已办结，且无新的事实和理由"
    R5 = "R5", "涉及国家秘密、商业秘密、个人隐私"
    R6 = "R6", "不属于行政机关、公共服务单位职责，通过市场或社会途径解决"
    R7 = "R7", "违反法律法规或者公序良俗"
    R8 = "R8", "不属于本行政区域"
    R9 = "R9", "属于党委、人大、政协、法院、检察院、军队职责"
    R10 = "R10", "已依法合理作出处理决定"
    R11 = "R11", "恶意骚扰或者无实质诉求"


class Element(Term):
    """The five elements of a ticket 五要素 (domain.md §1.3), contact apart."""

    CALLER = "caller", "诉求人"
    TIME = "time", "时间"
    PLACE = "place", "地点"
    CAUSE = "cause", "起因"
    COURSE = "course", "经过"
    CONTACT = "contact", "联系方式"


class Role(Term):
    """Who acts (product.md §1)."""

    OPERATOR = "operator", "话务员"
    DISPATCHER = "dispatcher", "分办员"
    HANDLER = "handler", "承办单位经办人"
    UNIT_HEAD = "unit_head", "承办单位负责人"
    REVISITOR = "revisitor", "回访员"
    SUPERVISOR = "supervisor", "督办员"
    DISCIPLINE = "discipline", "纪检监察"
    LEADER = "leader", "领导"
    ADMINISTRATOR = "administrator", "管理员"
    AUDITOR = "auditor", "审计员"
    CITIZEN = "citizen", "诉求人"
    SYSTEM = "system", "系统"


class ClockKind(Term):
    """The obligations (时限) that can run on a case (product.md §3)."""

    TRANSFER = "transfer", "紧急移送"
    DISPATCH = "dispatch", "派单"
    SUPPLEMENT = "supplement", "补充"
    SIGNATURE = "signature", "签收"
    RETURN_RULING = "return_ruling", "退单裁定"
    JOINT_REVIEW = "joint_review", "会商"
    HANDLING = "handling", "办理"
    REWORK = "rework", "重办"
    ASSIST = "assist", "协办"
    EXTENSION_DECISION = "extension_decision", "延期审批"
    DETERMINATION = "determination", "认定审批"
    PLAN = "plan", "挂账节点"
    REVIEW = "review", "审核"
    REVISIT = "revisit", "回访"
    RATING_WINDOW = "rating_window", "短信评价"
    ARCHIVE = "archive", "归档"
    ORDER = "order", "督办单答复"
    APPEAL = "appeal", "申诉审理"
    LISTING = "listing", "挂牌督办"
    JOINT_ACTION = "joint_action", "联动事项"
    EXCLUSION = "exclusion", "剔除审批"


class AlarmCode(Term):
    """What a clock announces: the rungs of the ladder (domain.md §6.2), or plainly that it is due."""

    WARNING = "warning", "预警"
    IMMINENT = "imminent", "临期预警"
    DUE = "due", "到期"
    URGE = "urge", "催办"
    YELLOW_CARD = "yellow_card", "黄牌"
    SUPERVISION = "supervision", "督办"
    RED_CARD = "red_card", "红牌"
    SPECIAL_SUPERVISION = "special_supervision", "专项督办"
    INTERVIEW = "interview", "约谈"
    CIRCULAR = "circular", "通报"
    ACCOUNTABILITY = "accountability", "问责"


BURDENING: Final = frozenset(AlarmCode) - {AlarmCode.WARNING, AlarmCode.IMMINENT, AlarmCode.DUE}
"""The rungs that burden a unit, 催办 and above: at most one of them a working day on one case (domain.md §6.2)."""


class MeasureKind(Term):
    """What supervision lays upon a unit (督办措施): each has a number, and each can be appealed."""

    URGE = "urge", "催办单"
    ORDER = "order", "督办单"
    CARD = "card", "黄红牌"
    INTERVIEW = "interview", "约谈"
    NOTICE = "notice", "通报"
    LISTING = "listing", "挂牌督办"
    DEDUCTION = "deduction", "记分"


MARK_OF: Final = {
    MeasureKind.URGE: "CB",
    MeasureKind.ORDER: "DB",
    MeasureKind.CARD: "HP",
    MeasureKind.INTERVIEW: "YT",
    MeasureKind.NOTICE: "TB",
    MeasureKind.LISTING: "GP",
    MeasureKind.DEDUCTION: "JF",
}
"""The letters of a measure in its number: `<case>-CB01` is the first 催办单 of a case."""

MEASURE_OF: Final = {
    AlarmCode.URGE: MeasureKind.URGE,
    AlarmCode.YELLOW_CARD: MeasureKind.CARD,
    AlarmCode.RED_CARD: MeasureKind.CARD,
    AlarmCode.SUPERVISION: MeasureKind.ORDER,
    AlarmCode.SPECIAL_SUPERVISION: MeasureKind.ORDER,
}
"""What a rung makes by itself. 约谈, 通报 and 问责 are proposals: a person must decide on them."""


class JointParty(Term):
    """Who takes part in a joint supervision (室组地联动; domain.md §8.1 B-24, B-25)."""

    OFFICE = "office", "监督检查室"
    GROUP = "group", "派驻纪检监察组"
    STREET = "street", "街镇纪（工）委"
    SUPERVISION = "supervision", "督查室"
    DEPARTMENT = "department", "职能部门"
    EXPERT = "expert", "专业人员"


class StopReason(Term):
    """How a clock ended."""

    MET = "met", "按要求完成"
    CANCELLED = "cancelled", "不再适用"


class Cause(Term):
    """Why a unit holds a case: the second column of the holding ledger (时长台账)."""

    INTAKE = "intake", "受理"
    AWAITING_CALLER = "awaiting_caller", "等待诉求人"
    DISPATCH = "dispatch", "派单"
    SIGNATURE = "signature", "签收"
    DISPUTE = "dispute", "退单争议"
    JOINT_REVIEW = "joint_review", "会商"
    HANDLING = "handling", "办理"
    PLAN = "plan", "挂账"
    REVIEW = "review", "审核"
    REWORK = "rework", "重办"
    REVISIT = "revisit", "回访"


PHASE_OF_CAUSE: Final = {
    Cause.INTAKE: Phase.INTAKE,
    Cause.AWAITING_CALLER: Phase.INTAKE,
    Cause.DISPATCH: Phase.ASSIGNMENT,
    Cause.SIGNATURE: Phase.ASSIGNMENT,
    Cause.DISPUTE: Phase.ASSIGNMENT,
    Cause.JOINT_REVIEW: Phase.ASSIGNMENT,
    Cause.HANDLING: Phase.RECTIFICATION,
    Cause.PLAN: Phase.RECTIFICATION,
    Cause.REVIEW: Phase.RECTIFICATION,
    Cause.REWORK: Phase.RECTIFICATION,
    Cause.REVISIT: Phase.REVISIT,
}
"""The phase in which time of a cause passes, for boards by stage."""


class EvidenceKind(Term):
    """What a piece of evidence shows (domain.md §4)."""

    CONTACT = "contact", "联系证据"
    HANDLING = "handling", "办理证据"
    RETURN = "return", "退单依据"


class ContactOutcome(Term):
    """How an attempt to reach the citizen ended."""

    REACHED = "reached", "已联系"
    NO_ANSWER = "no_answer", "无人接听"
    BUSY = "busy", "占线"
    WRONG_NUMBER = "wrong_number", "号码有误"
    DECLINED = "declined", "拒绝回访"
    NO_CONTACT = "no_contact", "未留联系方式"


class DeterminationKind(Term):
    """The two ways a case ends by decision instead of by result (domain.md §4)."""

    TERMINATION = "termination", "终止办理"
    UNREASONABLE = "unreasonable", "不合理诉求认定"


class Outcome(Term):
    """Why a case ended, finer than its terminal status."""

    ANSWERED_DIRECTLY = "answered_directly", "即时办结"
    SATISFIED = "satisfied", "回访满意办结"
    UNREACHED = "unreached", "未接通办结"
    SUPERVISED = "supervised", "督办结案"
    UNREASONABLE = "unreasonable", "不合理诉求认定办结"
    TERMINATED = "terminated", "终止办理"
    NOT_ACCEPTED = "not_accepted", "不予受理"
    EMERGENCY = "emergency", "紧急移送"


class RecusalGround(Term):
    """How a recusal (回避) came about (domain.md §1.5)."""

    DECLARED = "declared", "自行回避"
    ORDERED = "ordered", "责令回避"
    DEMANDED = "demanded", "诉求人要求回避"


class Flag(Term):
    """Marks that stay on a case and feed screening (domain.md §12 rule 22)."""

    OVERDUE = "overdue", "超期"
    UNSIGNED = "unsigned", "未按时签收"
    FALSE_CLOSING = "false_closing", "虚假办结"
    REPEAT = "repeat", "重复件"
    MASS = "mass", "集体件"
    HARD = "hard", "疑难件"
    REOPENED = "reopened", "重新办理"


class ScreeningTest(Term):
    """What a rule of screening looks for (筛查项目; domain.md §8.1 B-38, §12 rule 22)."""

    OVERDUE = "overdue", "超期未办结"
    FALSE_CLOSING = "false_closing", "虚假办结"
    REPEAT = "repeat", "重复诉求"
    LOW_RATING = "low_rating", "满意度低"
    RETURNED_OFTEN = "returned_often", "多次退单"
    REPLY_RETURNED_OFTEN = "reply_returned_often", "多次审核退回"
    REWORKED_OFTEN = "reworked_often", "多次重办"
    FLAGGED = "flagged", "带有标记"
    MATTER = "matter", "重点事项"


class HitState(Term):
    """Where a hit of screening stands (筛查结果)."""

    PENDING = "pending", "待处理"
    CLUE = "clue", "已转问题线索"
    DISMISSED = "dismissed", "已排除"


class ProposalState(Term):
    """Where a proposal stands that several measures led to (联动提请)."""

    PENDING = "pending", "待处理"
    TAKEN_UP = "taken_up", "已采纳"
    DECLINED = "declined", "不予采纳"


class HitRuling(Term):
    """What an officer decides on a hit of screening (筛查处理)."""

    CLUE = "clue", "转问题线索"
    DISMISSED = "dismissed", "排除"
    REOPENED = "reopened", "复核重启"


class NoticeKind(Term):
    """What people are told of (通知类别): something of theirs has come, is due, was decided, or waits for them."""

    EMERGENCY = "emergency", "特急工单"
    DISPATCHED = "dispatched", "派单"
    ASSIST_ORDERED = "assist_ordered", "协办"
    REDISPATCH = "redispatch", "待重新派遣"
    RETURNED = "returned", "退单"
    RETURN_RULED = "return_ruled", "退单裁定"
    JOINT_REVIEW = "joint_review", "会商"
    EXTENSION_REQUESTED = "extension_requested", "延期申请"
    EXTENSION_DECIDED = "extension_decided", "延期审批"
    DETERMINATION_REQUESTED = "determination_requested", "认定申请"
    DETERMINATION_DECIDED = "determination_decided", "认定审批"
    ASSIST_REPLIED = "assist_replied", "协办回复"
    REPLY_RETURNED = "reply_returned", "审核退回"
    REWORK = "rework", "重办"
    FALSE_CLOSING = "false_closing", "虚假办结"
    REOPENED = "reopened", "重新办理"
    RUNG = "rung", "时限提醒"
    RUNG_SKIPPED = "rung_skipped", "跳级"
    MEASURE = "measure", "督办措施"
    NOTICE_PROPOSED = "notice_proposed", "通报待批"
    NOTICE_DECIDED = "notice_decided", "通报审批"
    ORDER_ANSWERED = "order_answered", "督办答复"
    ANSWER_REVIEWED = "answer_reviewed", "督办答复审核"
    APPEALED = "appealed", "申诉"
    APPEAL_DECIDED = "appeal_decided", "申诉裁定"
    JOINT_ACTION = "joint_action", "联动分工"
    EXCLUSION_REQUESTED = "exclusion_requested", "剔除申请"
    EXCLUSION_DECIDED = "exclusion_decided", "剔除审批"
    IN_CHARGE = "in_charge", "包案"
    INSTRUCTED = "instructed", "批示"


class DeliveryState(Term):
    """Where a message to an outside channel stands (投递状态)."""

    WAITING = "waiting", "待投递"
    SENT = "sent", "已投递"
    FAILED = "failed", "投递失败"
    DROPPED = "dropped", "不再投递"


class Indicator(Term):
    """What is counted for units month by month (考核指标, domain.md §5, §9.1); hotline/indicators says how."""

    RESPONSE = "response-rate", "响应率"
    RESOLUTION = "resolution-rate", "解决率"
    SATISFACTION = "satisfaction-rate", "满意率"
    FIRST_RESOLUTION = "first-resolution-rate", "首次解决率"
    ON_TIME = "on-time-rate", "按期办结率"
    TIMELY_SIGNING = "timely-signing-rate", "及时签收率"
    RETURN = "return-rate", "回退率"
    REWORK = "rework-rate", "重办率"
    REPEAT = "repeat-rate", "重复率"
    POINTS = "supervision-points", "督办记分"


class ExclusionGround(Term):
    """Why a case is put forward to be left out of the rates (剔除事由, domain.md §9.1, §12 rule 20)."""

    BEYOND_DUTY = "beyond_duty", "诉求超出法定职责或者政策规定"
    FORCE_MAJEURE = "force_majeure", "不可抗力"
    SYSTEM_FAILURE = "system_failure", "系统或者网络故障"
    WITHDRAWN = "withdrawn", "诉求人撤回诉求"
    UNTRUE = "untrue", "诉求内容不实或者信息有误"
    DUPLICATE = "duplicate", "同一事项重复派单"
    MISDIRECTED = "misdirected", "派单有误"
    MALICIOUS = "malicious", "恶意投诉或者滥用热线"


class Counted(Term):
    """How something counts in an indicator (计入方式)."""

    NUMERATOR = "numerator", "计入分子和分母"
    DENOMINATOR = "denominator", "仅计入分母"
    EXCLUDED = "excluded", "不计入"


class CountReason(Term):
    """Why something counts as it does (计入理由): one sentence for each code."""

    SIGNED_IN_TIME = "signed_in_time", "在签收时限内签收或者退单"
    SIGNED_LATE = "signed_late", "超过签收时限才签收或者退单"
    NOT_SIGNED = "not_signed", "签收时限届满时尚未签收"
    FINISHED_IN_TIME = "finished_in_time", "在办理时限内提交办理结果，并通过审核"
    FINISHED_LATE = "finished_late", "超过办理时限才提交办理结果"
    NOT_FINISHED = "not_finished", "办理时限届满时尚未办结"
    RETURN_UPHELD = "return_upheld", "退单经裁定成立，不是该单位的职责"
    WITHDRAWN = "withdrawn", "时限届满前已收回、改派或者另行了结"
    STANDING_STILL = "standing_still", "时限暂停计时，尚未届满"
    NOT_RETURNED = "not_returned", "派单后没有退单"
    RETURNED = "returned", "已退单，尚待裁定"
    RETURNED_RIGHTLY = "returned_rightly", "已退单，经裁定成立"
    RETURNED_WRONGLY = "returned_wrongly", "已退单，经裁定不成立"
    CONTACT_CONFIRMED = "contact_confirmed", "诉求人确认单位已联系"
    CONTACT_DENIED = "contact_denied", "诉求人表示单位没有联系"
    SOLVED = "solved", "诉求人确认问题已解决"
    NOT_SOLVED = "not_solved", "诉求人表示问题没有解决"
    SATISFIED = "satisfied", "诉求人评价为基本满意及以上"
    DISSATISFIED = "dissatisfied", "诉求人评价为不满意或者非常不满意"
    UNREACHED = "unreached", "多次回访未接通，也没有收到评价"
    NOT_ASKED = "not_asked", "没有回访结果，也没有收到评价"
    ENDED_WITHOUT_REPLY = "ended_without_reply", "未经单位答复而终结"
    REWORKED = "reworked", "回访后重新办理"
    SENT_BACK = "sent_back", "答复经审核退回重办"
    NOT_REWORKED = "not_reworked", "一次办结，没有退回重办"
    REPEATED = "repeated", "同一诉求人就同一事项再次反映"
    NOT_REPEATED = "not_repeated", "首次反映"
    POINTS_GIVEN = "points_given", "黄牌、红牌或者退单不成立，予以记分"
    POINTS_REVERSED = "points_reversed", "申诉成立，记分已撤销"
    UNREASONABLE = "unreasonable", "经两级审批认定为不合理诉求"
    APPROVED_EXCLUSION = "approved_exclusion", "经两级审批同意剔除"


class UnitLevel(Term):
    """单位层级: what kind of unit one is; months and rankings are counted by it."""

    CITY = "city", "市级部门"
    DISTRICT = "district", "区县"
    STREET = "street", "街道乡镇"
    ENTERPRISE = "enterprise", "公共服务企业"


class TokenScope(Term):
    """What an API token may be used for (令牌权限); the role and the scope of its account still apply."""

    READ = "read", "查询"
    REGISTER = "register", "登记"
    COMMAND = "command", "办理"
    ADMIN = "admin", "管理"


class SignInStep(Term):
    """What a browser session still owes before it may be used (登录步骤)."""

    TOTP = "totp", "输入动态口令"
    ENROLMENT = "enrolment", "绑定动态口令"
    PASSWORD = "password", "修改初始密码"
    COMPLETE = "complete", "已登录"


class SignInMethod(Term):
    """How somebody signed in (登录方式)."""

    PASSWORD = "password", "本地密码"
    OIDC = "oidc", "单点登录"
    DEMO = "demo", "演示入口"


class PersonGround(Term):
    """Why somebody's personal data is exported or erased (个人信息保护法 art. 45, 47, 49)."""

    OWN_REQUEST = "own_request", "本人申请"
    RELATIVE_REQUEST = "relative_request", "近亲属申请"
    CONSENT_WITHDRAWN = "consent_withdrawn", "撤回同意"
    PURPOSE_ACHIEVED = "purpose_achieved", "处理目的已实现"
    UNLAWFUL = "unlawful", "违法处理"


class KnowledgeAct(Term):
    """What was done with an entry of the knowledge base (知识库): each makes a version of its own."""

    WRITTEN = "written", "编写"
    REVISED = "revised", "修订"
    CONFIRMED = "confirmed", "确认有效"
    WITHDRAWN = "withdrawn", "下架"


class TrailEvent(Term):
    """What the audit trail records (安全审计日志): acts on the system and on what it keeps secret."""

    SIGNED_IN = "session:signed_in", "登录"
    SIGN_IN_REFUSED = "session:refused", "登录被拒"
    LOCKED_OUT = "session:locked_out", "账号锁定"
    SIGNED_OUT = "session:signed_out", "退出"
    SESSION_REVOKED = "session:revoked", "撤销会话"
    TOKEN_ISSUED = "token:issued", "签发令牌"
    TOKEN_REVOKED = "token:revoked", "撤销令牌"
    UNIT_CHANGED = "unit:changed", "单位变更"
    GROUP_CHANGED = "unit:group_changed", "派驻组变更"
    ACCOUNT_CHANGED = "account:changed", "账号变更"
    PASSWORD_CHANGED = "account:password_changed", "修改密码"
    SECOND_FACTOR_CHANGED = "account:second_factor_changed", "变更动态口令"
    CALLER_OPENED = "vault:opened", "开启密件"
    PERSON_EXPORTED = "vault:exported", "导出个人信息"
    PERSON_ERASED = "vault:erased", "删除个人信息"
    RETENTION_APPLIED = "vault:purged", "到期清除"
    KEYS_ROTATED = "keys:rotated", "更换密钥"
    KEYS_RETIRED = "keys:retired", "停用密钥"
    PAYLOADS_DECODED = "payload:decoded", "解密流程载荷"
    CASES_EXPORTED = "cases:exported", "导出工单列表"
    LEDGER_EXPORTED = "ledger:exported", "导出台账"
    LEDGER_ANCHORED = "ledger:anchored", "台账锚定"
    BOOKS_ANCHORED = "books:anchored", "案卷和重复性问题台账锚定"
    EVIDENCE_DOWNLOADED = "evidence:downloaded", "下载证据"
    DOSSIER_REGISTERED = "dossier:registered", "登记问题线索"
    DOSSIER_READ = "dossier:read", "查阅案卷"
    RECORD_READ = "dossier:record_read", "查阅个人问责记录"
    POLICY_DRAFTED = "policy:drafted", "起草规则"
    POLICY_PUBLISHED = "policy:published", "发布规则"
    POLICY_ROLLED_OUT = "policy:rolled_out", "规则换版完成"
    HIT_RULED = "screening:ruled", "处理筛查结果"
    PROPOSAL_RULED = "supervision:proposal_ruled", "处理联动提请"
    DELIVERIES_RETRIED = "notify:retried", "重新投递通知"
    DELIVERIES_DISCARDED = "notify:discarded", "放弃投递通知"
    MONTH_PREVIEWED = "month:previewed", "预览月度指标"
    MONTH_FROZEN = "month:frozen", "冻结月度指标"
    PROBLEM_CASE_DETACHED = "problem:case_detached", "台账剔除工单"
    BURST_SETTLED = "burst:settled", "处理聚集预警"
    PROBLEM_REVISIT_EXCUSED = "problem:revisit_excused", "台账免予回访"
    KNOWLEDGE_CHANGED = "knowledge:changed", "知识库变更"
    MATTER_CHANGED = "matter:changed", "事项目录变更"
