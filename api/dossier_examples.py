"""An example of everything that can be sent about accountability, for OpenAPI; a test proves that each is valid.

Officers and units are those of the demonstration data.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from hotline.accountability import commands as c
from hotline.model import Message

_POSITION: Final = {"unit": "U120", "title": "执法大队副大队长"}
_PERSON: Final = {
    "kind": "person",
    "person": "p-5e0c1f2a9b3d4c6e",
    "position": _POSITION,
    "account": "handler-U120",
    "party_member": True,
}
_DEMERIT: Final = {"family": "administrative", "sanction": "demerit"}

CLUE: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "source": "false_closing",
        "cases": ["261120103000010001"],
        "subjects": [{"kind": "organisation", "unit": "U120"}],
        "summary": "工单两次回访均反映问题未解决，承办单位仍申报办结，涉嫌虚假办结",
    }
)
PERSON: Final[Mapping[str, Any]] = MappingProxyType({"name": "赵六", "identity": "11010119800101001X"})

_EXAMPLES: Final[Mapping[type[Message], Mapping[str, Any]]] = MappingProxyType(
    {
        c.PlanDisposal: {"disposal": "verification", "reason": "线索具体、可查，建议初步核实"},
        c.RuleOnProposal: {"proposal": 1, "approved": True, "opinion": "同意"},
        c.NameSubject: {"subject": _PERSON, "reason": "核实中发现其为直接责任人"},
        c.RecuseOfficer: {"officer": "discipline3", "reason": "与被反映人系亲属"},
        c.SendInquiry: {"subject": 1, "form": "letter", "text": "请就有关问题作出书面说明"},
        c.RecordInquiry: {
            "inquiry": 1,
            "answer": "已书面说明有关情况",
            "officers": ["discipline2", "discipline3"],
        },
        c.AppointTeam: {"team": ["discipline2", "discipline3"]},
        c.SubmitConclusion: {
            "opinion": "investigate",
            "report": "经核实，反映问题属实，建议立案",
            "signers": ["discipline2", "discipline3"],
        },
        c.OpenInvestigation: {"team": ["discipline2", "discipline3"], "reason": "涉嫌失职，需要追究责任"},
        c.ProposeDecision: {
            "subject": 1,
            "draft": {
                "facts": "未到现场即申报办结，群众诉求长期未解决",
                "bases": [{"instrument": "sanctions_law", "article": "39(1)"}],
                "organ": "supervisory",
                "measure": _DEMERIT,
                "tolerance": {"ruling": "none", "reason": "不属于探索性失误，无容错情形"},
            },
        },
        c.HearDefence: {
            "decision": 1,
            "told": "已告知违法事实和拟给予的处分及依据",
            "statement": "承认事实，请求从轻",
            "officers": ["discipline4", "discipline3"],
        },
        c.ReviseDecision: {
            "decision": 1,
            "measure": {"family": "administrative", "sanction": "warning"},
            "reason": "陈述申辩成立，予以从轻",
        },
        c.ServeDecision: {"decision": 1, "record": "已当面送达本人及所在单位"},
        c.ReportExecution: {"decision": 1, "report": "已在单位宣布并归入个人档案"},
        c.AcknowledgeHandover: {"decision": 1, "receipt": "公安机关已接收材料并出具回执"},
        c.DecideProbation: {"decision": 1, "restored": True, "reason": "确有悔改表现"},
        c.FileAppeal: {"decision": 1, "remedy": "review", "text": "认为处分过重，申请复审"},
        c.ExtendAppeal: {"decision": 1, "reason": "案情复杂"},
        c.DecideAppeal: {"decision": 1, "outcome": "upheld", "reason": "事实清楚，处理恰当"},
        c.IssueRecommendation: {"unit": "U120", "text": "请健全工单办结前现场核验制度"},
        c.ExtendRecommendation: {"recommendation": 1, "reason": "制度修订需征求意见"},
        c.RecordRecommendationReply: {"recommendation": 1, "reply": "已印发核验办法并开展自查"},
        c.RecordFollowUp: {"recommendation": 1, "holds": True, "finding": "抽查二十件，均有现场核验记录"},
        c.OrderRectification: {"unit": "U120", "task": "开展警示教育并排查同类问题", "due_on": "2027-03-01"},
        c.ConfirmRectification: {"rectification": 1, "evidence": "已核查整改台账，问题清零"},
        c.ProposePublication: {
            "decision": 1,
            "scope": "public",
            "text": "某单位工作人员未到现场核实即申报办结，受到政务记过处分",
        },
        c.PublishNotice: {"notice": 1},
        c.ProposeClarification: {"subject": 1, "scope": "internal", "text": "经查反映问题不实，予以澄清"},
        c.CloseDossier: {"summary": "处理、整改均已落实，同意结案"},
    }
)


def dossier_example_of(command: type[Message]) -> dict[str, Any]:
    """The example of a command's form."""
    return dict(_EXAMPLES[command])
