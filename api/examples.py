"""An example of every command's form, for OpenAPI; a test proves that each is a valid form."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from hotline import commands as c
from hotline.model import Message

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
        c.AnswerDirectly: {"answer": "可在市民服务中心二楼办理，工作日 9:00–17:00", "knowledge_id": "K-1024"},
        c.RejectCase: {"reason": "R2", "advice": "该事项已进入诉讼，请依法通过诉讼途径解决"},
        c.JoinCase: {"into": "261120103000010001", "reason": "同一工地夜间施工"},
        c.DispatchCase: {"lead": "U-CG", "assists": [{"unit": "U-HB", "days": 2}], "advice": "请现场核查"},
        c.SignFor: {},
        c.ReturnCase: {
            "legal_basis": "按照三定规定，该事项由生态环境部门负责",
            "evidence": [{**_EVIDENCE, "kind": "return"}],
        },
        c.RuleOnReturn: {"upheld": False, "reason": "职责清单明确由你单位负责"},
        c.CallJointReview: {"participants": ["U-CG", "U-HB"], "reason": "职责交叉"},
        c.RuleBindingly: {"lead": "U-CG", "reason": "经会商审定"},
        c.LogContact: {"outcome": "reached", "at": "2026-11-20T10:00:00+08:00", "note": "已电话了解情况"},
        c.ReportProgress: {"text": "已约谈施工方"},
        c.AssistReply: {"text": "已完成噪声监测", "evidence": [_EVIDENCE]},
        c.WaiveAssist: {"unit": "U-HB", "reason": "监测已由主办单位完成"},
        c.RequestExtension: {"days": 3, "reason": "需等待第三方检测结果"},
        c.DecideExtension: {"approved": True, "reason": "同意"},
        c.SuspendWithPlan: {"plan": "纳入明年改造计划", "next_on": "2027-03-01", "owner": "head-U-CG"},
        c.Resume: {"reason": "施工条件已具备"},
        c.SubmitReply: {
            "text": "已责令停止夜间施工并处罚",
            "evidence": [_EVIDENCE],
            "citation": "《噪声污染防治法》第四十三条",
            "signer": "head-U-CG",
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
        c.RevisePolicy: {"revision": "default/1"},
    }
)


def example_of(command: type[Message]) -> dict[str, Any]:
    """The example of a command's form."""
    return dict(_EXAMPLES[command])
