"""What people see in place of code names (界面用语): fields of forms, and tags of facts.

Commands, statuses and other terms bring their own labels from the domain; a test holds every field of every
form and every tag of a fact against this table.
"""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final, get_args

from pydantic import BaseModel

from hotline.accountability.facts import DossierBody
from hotline.facts import Body

FIELDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "case_no": "工单",
        "report": "整改报告",
        "clear_on": "销号日期",
        "milestone": "第几个节点",
        "milestones": "整改节点日期",
        "measure": "督办编号",
        "accepted": "审核结论",
        "accused_units": "被反映单位",
        "address": "地址",
        "advice": "意见",
        "anonymous": "匿名",
        "answer": "答复内容",
        "approved": "审批结论",
        "area": "所属区域",
        "assists": "协办单位",
        "at": "联系时间",
        "caller_name": "诉求人姓名",
        "caller_phone": "联系电话",
        "card": "牌别",
        "category": "事项分类",
        "channel": "渠道",
        "citation": "政策依据",
        "classification": "分类",
        "clock_id": "时限",
        "contacted": "是否联系诉求人",
        "content": "诉求内容",
        "days": "工作日",
        "demand": "督办要求",
        "emergency": "紧急移送",
        "evidence": "证据材料",
        "explanation": "情况说明",
        "finding": "回头看情况",
        "ground": "理由类别",
        "grounds": "申诉理由",
        "hard": "疑难件",
        "has_contact": "可以联系到诉求人",
        "holds": "整改效果是否保持",
        "into": "并入工单",
        "knowledge_id": "知识库编号",
        "lead": "主办单位",
        "legal_basis": "法律法规或职责依据",
        "missing": "待补充要素",
        "new_facts": "新的事实和理由",
        "name": "姓名",
        "next_on": "下次推进日期",
        "note": "备注",
        "number": "督办编号",
        "opinion": "意见",
        "outcome": "联系结果",
        "owner": "责任人",
        "participants": "参加单位",
        "person": "人员",
        "phone": "联系电话",
        "plan": "计划",
        "public": "对外公开",
        "reachable_elsewhere": "可通过来源平台联系",
        "reason": "理由",
        "record": "约谈记录",
        "relapse": "问题反弹",
        "revision": "规则版本",
        "rung": "督办级别",
        "satisfaction": "满意度",
        "secret": "保密",
        "service": "移送单位",
        "signer": "签发人",
        "solved": "问题是否解决",
        "text": "内容",
        "title": "标题",
        "truthful": "答复是否属实",
        "type": "诉求类型",
        "raised_at": "诉求人提出时间",
        "replied_at": "原答复时间",
        "reply": "原答复",
        "source_number": "来源编号",
        "due_on": "完成期限",
        "public_text": "拟公开的文本",
        "party": "参与方",
        "task": "事项",
        "action": "联动事项序号",
        "conclusion": "办结结论",
        "indicators": "指标",
        "unit": "单位",
        "upheld": "裁定",
        "urgency": "紧急程度",
        "valid_until": "有效期至",
        "Knowledge.title": "问题",
        "Knowledge.answer": "答复口径",
        "Knowledge.unit": "维护单位",
        "active": "在用",
        "code": "代码",
        "discipline_group": "派驻组",
        "discipline_level": "审批层级",
        "display_name": "姓名",
        "level": "层级",
        "parent": "上级单位",
        "role": "角色",
        "scopes": "权限",
        "second_factor": "同时解除动态口令",
        "tokens": "同时撤销全部令牌",
        "units": "监督的单位",
        "user_id": "账号",
        "account": "本系统账号",
        "acts": "违法行为数",
        "article": "条款",
        "bases": "处理依据",
        "cases": "来源工单",
        "decision": "处理决定",
        "disposal": "处置方式",
        "facts": "违纪违法事实",
        "family": "处理种类",
        "form": "方式",
        "forms": "问责方式",
        "inquiry": "谈话函询",
        "instrument": "法律法规",
        "kind": "对象",
        "leads_unit": "时任单位主要负责人",
        "months": "处分期（月，合并处罚时填写）",
        "notice": "通报",
        "officer": "回避人员",
        "officers": "参与人员（二人以上）",
        "organ": "决定机关",
        "party_member": "中共党员",
        "position": "当时职务",
        "probation_months": "察看期（月）",
        "proposal": "审批事项",
        "public_official": "公职人员",
        "receipt": "移送回执",
        "receiver": "移送对象",
        "recommendation": "建议书",
        "rectification": "整改任务",
        "remedy": "救济途径",
        "SubmitConclusion.report": "报告",
        "ReportExecution.report": "执行情况",
        "restored": "察看结论",
        "retired": "已退休",
        "ruling": "认定",
        "sanction": "处分",
        "scope": "公开范围",
        "signers": "签字人员（二人以上）",
        "source": "线索来源",
        "statement": "陈述申辩内容（放弃陈述的不填）",
        "subject": "被反映人",
        "subjects": "被反映人和单位",
        "summary": "主要问题",
        "team": "组成人员（二人以上）",
        "told": "告知内容",
        "tolerance": "容错",
        "village_staff": "村、社区工作人员",
        "SendInquiry.form": "方式",
        "SendInquiry.text": "谈话要点、函询内容",
        "RecordInquiry.answer": "谈话记录、函询答复",
        "ServeDecision.record": "送达情况",
        "CloseDossier.summary": "结案情况",
        "DecideAppeal.outcome": "救济决定",
        "RecordFollowUp.holds": "是否落实到位",
        "RecordRecommendationReply.reply": "回复内容",
        "ConfirmRectification.evidence": "整改情况和依据",
        "OrderRectification.task": "整改任务",
        "HitClue.units": "被反映单位",
        "PersonSubject.person": "姓名",
        "PositionHeld.unit": "当时所在单位",
        "PositionHeld.title": "当时职务",
        "Tolerance.ruling": "容错认定",
        "Tolerance.reason": "容错认定理由",
        "ProposePublication.text": "通报文本（已脱敏）",
        "ProposeClarification.text": "澄清文本",
        "IssueRecommendation.text": "建议内容",
        "IssueRecommendation.unit": "被建议单位",
        "OrderRectification.unit": "整改单位",
        "First.form": "处理方式",
        "OrganisationAccountability.form": "问责方式",
        "Posting.form": "处理方式",
    }
)
"""Fields by their names; a name means the same in every form, but for those that are named with their form."""

VARIANTS: Final[Mapping[str, str]] = MappingProxyType({"person": "人员", "organisation": "单位"})
"""What one of several models is called where its tag is no term."""


def label_of(model: type[BaseModel], name: str) -> str:
    """What a field of a form is called. Raises KeyError if it has no name for people."""
    return FIELDS.get(f"{model.__name__.removesuffix('Form')}.{name}") or FIELDS[name]


LEVELS: Final[Mapping[str, str]] = MappingProxyType(
    {"city": "市级", "district": "区级", "street": "街道乡镇", "enterprise": "国有企业"}
)
"""Levels of units; what an installation calls otherwise stays as it is."""

CHOICES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "accepted": ("通过", "退回"),
        "approved": ("同意", "不同意"),
        "upheld": ("支持", "不支持"),
        "restored": ("恢复党员权利", "延长察看期"),
    }
)
"""What yes and no are called where 是 and 否 would not say it."""

RATINGS: Final[Mapping[int, str]] = MappingProxyType(
    {5: "非常满意", 4: "满意", 3: "基本满意", 2: "不满意", 1: "非常不满意"}
)
"""The five levels of satisfaction (domain.md §5)."""

SCRIPT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "contacted": "承办单位就这件事联系过您吗？",
        "solved": "您反映的问题解决了吗？",
        "truthful": "承办单位的答复是：（宣读答复）。答复属实吗？",
        "satisfaction": "您对这次办理满意吗？非常满意、满意、基本满意、不满意，还是非常不满意？",
        "opinion": "您还有什么意见和要求？（没有解决或者不满意的，请记下原因，作为重办的依据）",
    }
)
"""What is said to the citizen at a revisit for each field of its form (domain.md §5)."""

_PLAINER: Final[Mapping[str, str]] = MappingProxyType(
    {
        "intake:joined": "并入其他工单",
        "intake:member_accepted": "并入本工单",
        "intake:member_settled": "主单已办理",
        "intake:member_released": "主单终止，恢复单独办理",
        "assignment:dispatched": "派单",
        "handling:contacted": "联系诉求人",
        "handling:progressed": "办理进展",
        "handling:extension_requested": "申请延期",
        "determination:requested": "申请终止或者认定",
        "determination:decided": "终止或者认定审批",
        "revisit:attempted": "回访未接通",
        "revisit:recorded": "回访",
        "revisit:rework_ordered": "退回重办",
        "closeout:closed": "办结",
        "supervision:issued": "督办措施",
        "flag:raised": "加注标记",
        "clock:started": "时限起算",
        "clock:moved": "时限调整",
        "clock:held": "时限暂停",
        "clock:fired": "时限提醒",
        "clock:stopped": "时限止算",
        "policy:revised": "规则换版",
        "inquiry:sent": "发出谈话函询",
        "inquiry:answered": "谈话记录或者函询答复",
        "approval:proposed": "报请审批",
        "approval:endorsed": "本级审批同意",
        "approval:approved": "审批同意",
        "approval:rejected": "审批退回",
        "decision:effect_ended": "影响期满",
        "dossier_clock:started": "时限起算",
        "dossier_clock:stopped": "时限止算",
        "dossier_clock:fired": "时限提醒",
    }
)
_TERM: Final = re.compile(r"[\u4e00-\u9fff]+")


def _facts() -> Iterator[tuple[str, str]]:
    """Each tag with the term that its fact's docstring begins with, or plainer words where it has them."""
    for body in (*get_args(Body), *get_args(DossierBody)):
        tag = body.model_fields["tag"].default
        term = _TERM.match(body.__doc__ or "")
        yield tag, _PLAINER.get(tag) or (term[0] if term else tag)


FACTS: Final[Mapping[str, str]] = MappingProxyType(dict(_facts()))
"""Facts by their tags, as a timeline says them."""

TRAIL_DETAILS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "act": "动作",
        "active": "在用",
        "base": "原版本",
        "calendar_revision": "日历",
        "cases": "工单",
        "changed": "变更项",
        "copy": "副本",
        "count": "数量",
        "created": "新建",
        "day": "日期",
        "deliveries": "通知",
        "digest": "摘要",
        "discipline_group": "派驻组",
        "discipline_level": "审批层级",
        "draft_id": "草案",
        "drafted_by": "起草人",
        "facts": "事实",
        "fields": "内容",
        "ground": "依据",
        "hash": "哈希",
        "lead": "主办单位",
        "level": "层级",
        "measure": "措施",
        "method": "方式",
        "name": "名称",
        "namespace": "命名空间",
        "number": "编号",
        "overtaken": "已被取代",
        "parent": "上级",
        "proposes": "提请",
        "reason": "理由",
        "reset": "重置",
        "role": "角色",
        "rule": "规则",
        "ruling": "处理",
        "scopes": "权限",
        "second_factor": "解除动态口令",
        "session": "会话",
        "sessions": "会话",
        "source": "来源",
        "step": "步骤",
        "texts": "文本",
        "token": "令牌",
        "tokens": "令牌",
        "unit": "单位",
        "units": "单位",
        "version": "版本",
    }
)
"""What an entry of the audit trail tells beside who, what and when; a key without a word is shown as it is."""
