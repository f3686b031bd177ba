"""An example of everything that can be sent, for OpenAPI; a test proves that each is valid.

Units and people are those of the demonstration data, so that an example can be sent as it stands.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from hotline import commands as c
from hotline.model import Message
from hotline.problems import commands as p

_EVIDENCE: Final = {"evidence_id": "photo-1", "kind": "handling", "made_at": "2026-11-20T10:30:00+08:00"}

_EXAMPLES: Final[Mapping[type[Message], Mapping[str, Any]]] = MappingProxyType(
    {
        c.TransferEmergency: {"service": "119", "note": "现场有明火"},
        c.RequestDetails: {"missing": ["place"], "note": "请补充具体楼栋"},
        c.CompleteCase: {"note": "地点为丽景小区 3 号楼"},
        c.AddFacts: {"text": "今晚噪音仍然持续"},
        c.ReclassifyCase: {
            "classification": {"type": "report", "urgency": "normal"},
            "reason": "属于举报违法建设",
        },
        c.AnswerDirectly: {
            "answer": "可在市民服务中心二楼办理，工作日 9:00–17:00",
            "knowledge_id": "K-000001",
        },
        c.RejectCase: {"reason": "R2", "advice": "该事项已进入诉讼，请依法通过诉讼途径解决"},
        c.JoinCase: {"into": "261120103000010001", "reason": "同一工地夜间施工"},
        c.DispatchCase: {"lead": "U120", "assists": [{"unit": "U130", "days": 2}], "advice": "请现场核查"},
        c.SignFor: {},
        c.ReturnCase: {
            "legal_basis": "按照三定规定，该事项由生态环境部门负责",
            "evidence": [{**_EVIDENCE, "kind": "return"}],
        },
        c.RuleOnReturn: {"upheld": False, "reason": "职责清单明确由你单位负责"},
        c.CallJointReview: {"participants": ["U120", "U130"], "reason": "职责交叉"},
        c.RuleBindingly: {"lead": "U120", "reason": "经会商审定"},
        c.LogContact: {"outcome": "reached", "at": "2026-11-20T10:00:00+08:00", "note": "已电话了解情况"},
        c.ReportProgress: {"text": "已约谈施工方"},
        c.AssistReply: {"text": "已完成噪声监测", "evidence": [_EVIDENCE]},
        c.WaiveAssist: {"unit": "U130", "reason": "监测已由主办单位完成"},
        c.RequestExtension: {"days": 3, "reason": "需等待第三方检测结果"},
        c.DecideExtension: {"approved": True, "reason": "同意"},
        c.SuspendWithPlan: {"plan": "纳入明年改造计划", "next_on": "2027-03-01", "owner": "head-U120"},
        c.Resume: {"reason": "施工条件已具备"},
        c.SubmitReply: {
            "text": "已责令停止夜间施工并处罚",
            "evidence": [_EVIDENCE],
            "citation": "《噪声污染防治法》第四十三条",
            "signer": "head-U120",
        },
        c.ReviewReply: {"accepted": True, "opinion": "事实清楚"},
        c.RequestTermination: {"ground": "R2", "reason": "办理中发现已进入行政复议"},
        c.DecideTermination: {"approved": True, "reason": "情况属实"},
        c.ClaimUnreasonable: {"reason": "诉求超出政策规定", "evidence": [_EVIDENCE]},
        c.DecideUnreasonable: {"approved": True, "reason": "同意认定"},
        c.LogRevisitAttempt: {"outcome": "no_answer"},
        c.RecordRevisit: {"contacted": True, "solved": True, "truthful": True, "satisfaction": 5},
        c.SecondRevisit: {"contacted": True, "solved": True, "truthful": True, "satisfaction": 4},
        c.CitizenRating: {"solved": True, "satisfaction": 5, "opinion": "谢谢"},
        c.CloseCase: {"reason": "已依法办理，督办结案"},
        c.ReopenCase: {"new_facts": "问题再次出现", "relapse": True},
        c.RecordLookBack: {"holds": True, "finding": "现场复核，问题未反弹"},
        c.ArchiveCase: {},
        c.Urge: {"unit": "U120", "reason": "期限将至，请抓紧办理"},
        c.IssueSupervisionOrder: {"unit": "U120", "demand": "请三个工作日内书面说明进展和完成时间"},
        c.AnswerSupervisionOrder: {
            "number": "261120103000010001-DB01",
            "text": "已约谈施工方，本周内整改到位",
        },
        c.ReviewSupervisionAnswer: {
            "number": "261120103000010001-DB01",
            "accepted": True,
            "opinion": "措施具体，同意办结",
        },
        c.IssueCard: {
            "unit": "U120",
            "card": "yellow_card",
            "person": "handler-U120",
            "reason": "逾期一个工作日未办结",
        },
        c.HoldInterview: {"unit": "U120", "person": "head-U120", "record": "约谈单位负责人，要求限期整改"},
        c.CirculateNotice: {"unit": "U120", "text": "对逾期未办结的情况予以通报", "public": False},
        c.ApproveNotice: {
            "number": "261120103000010001-TB01",
            "approved": True,
            "reason": "已脱敏，同意公开",
        },
        c.ListForSupervision: {
            "unit": "U120",
            "demand": "挂牌督办，限期整改到位",
            "due_on": "2026-12-31",
            "public_text": "某工地夜间施工扰民问题，由城管部门限期整改",
        },
        c.EndListing: {"number": "261120103000010001-GP01", "reason": "现场复核，整改到位"},
        c.StartJointSupervision: {"plan": "监督检查室、派驻组、街道纪工委联动督办"},
        c.AddJointAction: {
            "party": "department",
            "unit": "U120",
            "person": "head-U120",
            "due_on": "2026-12-31",
            "task": "完成现场整改并提交影像资料",
        },
        c.DropJointAction: {"action": 1, "reason": "并入另一事项"},
        c.ReportJointAction: {"action": 1, "text": "整改完成，资料已附"},
        c.CloseJointSupervision: {"conclusion": "各方分工均已完成，问题解决"},
        c.TakeInCharge: {"plan": "由本人包案，每周调度一次"},
        c.Instruct: {"text": "请城管局牵头，限期解决"},
        c.SkipRung: {"clock_id": "handling:1", "rung": "yellow_card", "reason": "情况紧急，直接督办"},
        c.AppealRung: {"number": "261120103000010001-HP01", "grounds": "系统故障期间无法提交答复"},
        c.DecideAppeal: {"number": "261120103000010001-HP01", "upheld": True, "reason": "情况属实，撤销记分"},
        c.ExcludeFromScore: {
            "ground": "system_failure",
            "indicators": ["on-time-rate"],
            "reason": "当日系统故障，无法提交办理结果",
            "evidence": [_EVIDENCE],
        },
        c.DecideExclusion: {"approved": True, "reason": "情况属实，同意剔除"},
        c.Recuse: {"person": "handler-U120", "reason": "与诉求人系亲属"},
        c.LiftRecusal: {"person": "handler-U120", "reason": "经核查，不存在利害关系"},
        c.RevisePolicy: {"revision": "default/3"},
        p.DetachCase: {"case_no": "261120103000010001", "reason": "反映的是另一处工地"},
        p.ExcuseRevisit: {"case_no": "261120103000010001", "reason": "多次联系未接通，现场复核问题已解决"},
        p.AssignProblemLead: {"lead": "U120", "reason": "施工噪声由该单位主管"},
        p.SubmitProblemPlan: {
            "plan": "限期加装隔声屏，夜间停工",
            "milestones": ["2026-12-01", "2026-12-10"],
            "clear_on": "2026-12-20",
        },
        p.ReachMilestone: {"milestone": 1, "note": "隔声屏已安装", "evidence": [_EVIDENCE]},
        p.ReportRectification: {"text": "已约谈施工单位"},
        p.SubmitClearance: {"report": "夜间噪声已达标", "evidence": [_EVIDENCE]},
        p.AuditClearance: {"accepted": True, "opinion": "现场核实，同意销号"},
    }
)

COMPLAINT: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "channel": "phone",
        "type": "complaint",
        "title": "夜间施工噪音扰民",
        "content": "滨江花园旁工地凌晨一点仍在施工，影响老人休息，请尽快处理。",
        "caller_name": "张三",
        "caller_phone": "13800000000",
        "address": "东湖区滨江路 8 号",
        "category": "noise",
        "area": "donghu",
    }
)
SUBMISSION: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "title": "路灯不亮",
        "content": "丽景小区北门外的三盏路灯已经两周不亮，晚上行走不便。",
        "name": "李四",
        "phone": "13900000000",
        "address": "西山区丽景路",
    }
)


def example_of(command: type[Message]) -> dict[str, Any]:
    """The example of a command's form."""
    return dict(_EXAMPLES[command])


def bulk_example_of(command: type[Message]) -> dict[str, Any]:
    """The same form for two cases."""
    numbers = ("261120103000010001", "261120103000010002")
    return {"items": [{"case_no": number, "form": example_of(command)} for number in numbers]}


def as_body(example: Mapping[str, Any]) -> dict[str, Any]:
    """What an operation adds to its OpenAPI description to show an example of its body."""
    return {"requestBody": {"content": {"application/json": {"example": dict(example)}}}}
