"""Invented complaints (虚构诉求): who calls about what and where, written for this project.

Streets, names and numbers do not exist; telephone numbers begin with 555-01. A seed and an index give the
same complaint every time, so that registering can be repeated.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from commands.simulation.dice import Dice
from hotline.vocabulary import Channel, EmergencyService, RequestType, Urgency


@dataclass(frozen=True, slots=True)
class Matter:
    """A kind of complaint: `{place}` and `{when}` are filled in."""

    type: RequestType
    category: str
    title: str
    content: str
    urgency: Urgency = Urgency.NORMAL


@dataclass(frozen=True, slots=True)
class Complaint:
    """A complaint to be registered."""

    form: Mapping[str, Any] = field(repr=False)

    @property
    def emergency(self) -> EmergencyService | None:
        """Where it must go at once, if anywhere."""
        service = self.form.get("emergency")
        return None if service is None else next(item for item in EmergencyService if item.value == service)


_COMPLAINT, _HELP, _REPORT = RequestType.COMPLAINT, RequestType.HELP, RequestType.REPORT

MATTERS: Final = (
    Matter(
        _COMPLAINT,
        "生态环境/施工噪声",
        "{place}夜间施工噪音",
        "{place}的工地{when}仍在打桩，噪音很大，老人和孩子无法入睡，已经持续多日，希望尽快制止。",
    ),
    Matter(
        _COMPLAINT,
        "生态环境/油烟",
        "{place}餐馆油烟直排",
        "{place}一楼餐馆没有安装油烟净化设备，{when}油烟直接飘到楼上住户，窗户不敢开。",
    ),
    Matter(
        _REPORT,
        "生态环境/污水",
        "{place}有人偷排污水",
        "{place}旁的小作坊{when}把污水倒进雨水井，气味刺鼻，附近沟渠已经发黑。",
    ),
    Matter(
        _HELP,
        "城市管理/路灯",
        "{place}路灯不亮",
        "{place}一排路灯{when}全部不亮，晚上行走很危险，希望尽快维修。",
    ),
    Matter(
        _COMPLAINT,
        "城市管理/占道经营",
        "{place}占道经营严重",
        "{place}{when}摊贩占满人行道，行人只能走机动车道，多次反映没有改善。",
    ),
    Matter(
        _COMPLAINT,
        "城市管理/垃圾清运",
        "{place}垃圾堆放无人清运",
        "{place}的垃圾桶{when}满溢，已经三天没有清运，蚊虫很多。",
    ),
    Matter(
        _HELP,
        "城市管理/井盖",
        "{place}井盖破损",
        "{place}路中间有一个井盖破损下沉，{when}有电动车摔倒，请尽快更换。",
        Urgency.URGENT,
    ),
    Matter(
        _COMPLAINT,
        "住建/物业",
        "{place}物业不作为",
        "{place}物业公司{when}没有人值守，公共区域灯坏、门禁坏都不修，物业费照收。",
    ),
    Matter(
        _HELP,
        "住建/电梯",
        "{place}电梯反复故障",
        "{place}的电梯{when}又停运，一个月内已经困人两次，住户多为老人。",
        Urgency.URGENT,
    ),
    Matter(
        _COMPLAINT,
        "住建/房屋质量",
        "{place}新房外墙渗水",
        "{place}交房不到两年，外墙渗水，{when}下雨室内墙面返潮，开发商推诿不修。",
    ),
    Matter(
        _COMPLAINT,
        "人社/欠薪",
        "{place}项目拖欠工资",
        "在{place}的项目上干活，工资拖欠两个月，{when}去找负责人一直联系不上。",
    ),
    Matter(
        RequestType.CONSULT,
        "人社/社保",
        "咨询社保转移手续",
        "想咨询社保关系转入本市需要哪些材料，{when}到{place}附近的服务点能不能办理。",
    ),
    Matter(
        _REPORT,
        "市场监管/食品安全",
        "{place}超市销售过期食品",
        "{when}在{place}的超市买到过期三天的酸奶，货架上还有同批次商品，保留了小票。",
    ),
    Matter(
        _COMPLAINT,
        "市场监管/预付卡",
        "{place}健身房停业不退费",
        "{place}的健身房{when}突然关门，办的年卡还剩八个月，商家电话打不通。",
    ),
    Matter(
        _REPORT,
        "市场监管/价格",
        "{place}停车场不明码标价",
        "{place}停车场没有公示收费标准，{when}停一个小时收了三十元。",
    ),
    Matter(
        _HELP,
        "公共服务/供水",
        "{place}停水没有通知",
        "{place}{when}突然停水，没有任何通知，不知道什么时候恢复。",
        Urgency.URGENT,
    ),
    Matter(
        _COMPLAINT,
        "公共服务/供水",
        "{place}自来水浑浊",
        "{place}的自来水{when}发黄浑浊，放十分钟也不清，不敢饮用。",
    ),
    Matter(
        _COMPLAINT,
        "公安/违停",
        "{place}消防通道被占",
        "{place}的消防通道{when}停满私家车，消防车根本进不来，希望加强管理。",
    ),
    Matter(
        _HELP,
        "公安/交通设施",
        "{place}路口缺少红绿灯",
        "{place}路口车流很大，{when}学生过马路险象环生，希望增设信号灯或者安排人员疏导。",
    ),
    Matter(
        RequestType.SUGGESTION,
        "城市管理/公园",
        "建议{place}增设健身器材",
        "{place}附近居民很多，建议增设适合老人的健身器材和座椅，{when}锻炼的人都没有地方坐。",
    ),
    Matter(
        RequestType.SUGGESTION,
        "交通/公交",
        "建议{place}增设公交站",
        "{place}入住率已经很高，最近的公交站要走二十分钟，{when}出行很不方便，建议增设站点。",
    ),
    Matter(
        _HELP,
        "基层服务/独居老人",
        "{place}独居老人需要帮助",
        "{place}有一位独居老人行动不便，{when}没有人照料，希望社区上门看看。",
    ),
    Matter(
        RequestType.PRAISE,
        "基层服务/表扬",
        "表扬{place}社区工作人员",
        "{when}社区工作人员冒雨帮助{place}的住户疏通下水道，特此表扬。",
    ),
    Matter(
        RequestType.CONSULT,
        "住建/公租房",
        "咨询公租房申请条件",
        "想咨询公租房的申请条件和流程，{when}到{place}所在街道提交材料是否可以。",
    ),
)
_EMERGENCY: Final = Matter(
    RequestType.HELP,
    "应急/火情",
    "{place}楼道冒烟",
    "{place}楼道{when}有浓烟冒出，疑似电动车起火，有人还在楼上。",
    Urgency.CRITICAL,
)

_AREAS: Final = MappingProxyType(
    {
        "420101": (
            "东湖区滨江街道望江路",
            "东湖区滨江街道听涛里",
            "东湖区新城街道幸福里",
            "东湖区新城街道云锦苑",
        ),
        "420102": ("西山区青石镇青松苑", "西山区青石镇采薇路", "西山区松风大道", "西山区石桥老街"),
    }
)
_WHEN: Final = ("昨天晚上", "今天早上", "最近一周", "连续三天", "上周末", "每天傍晚", "凌晨一点左右")
_SURNAMES: Final = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨"
_NAMES: Final = (
    "小满",
    "立夏",
    "谷雨",
    "白露",
    "霜序",
    "清和",
    "季春",
    "孟秋",
    "仲冬",
    "上元",
    "重九",
    "望舒",
)
_CHANNELS: Final = {
    Channel.PHONE: 0.6,
    Channel.WECHAT: 0.12,
    Channel.WEB: 0.1,
    Channel.APP: 0.08,
    Channel.MINI_PROGRAM: 0.06,
    Channel.VISIT: 0.02,
    Channel.UPSTREAM: 0.02,
}


def complaint(seed: str, index: int, *, again: bool = True) -> Complaint:
    """The complaint of an index. A few callers call `again` about what they called about before."""
    dice = Dice(seed, f"complaint/{index}")
    if again and index and dice.happens("again", 0.04):
        return complaint(seed, dice.among("which", range(max(0, index - 25), index)))
    matter = _EMERGENCY if dice.happens("emergency", 0.01) else dice.among("matter", MATTERS)
    area = dice.among("area", tuple(_AREAS))
    place = f"{dice.among('street', _AREAS[area])}{int(dice.between('house', 1, 199))}号"
    words = {"place": place, "when": dice.among("when", _WHEN)}
    form: dict[str, Any] = {
        "channel": dice.weighted("channel", _CHANNELS).value,
        "type": matter.type.value,
        "urgency": matter.urgency.value,
        "title": matter.title.format(**words),
        "content": matter.content.format(**words),
        "caller_name": dice.among("surname", _SURNAMES) + dice.among("name", _NAMES),
        "caller_phone": f"555-01{int(dice.between('phone', 0, 999_999)):06d}",
        "address": place,
        "category": matter.category,
        "area": area,
    }
    return Complaint(form | _particulars(dice, matter))


def _particulars(dice: Dice, matter: Matter) -> dict[str, Any]:
    """What is special about a few: emergencies, hard, secret and incomplete cases."""
    if matter is _EMERGENCY:
        return {"emergency": EmergencyService.FIRE.value}
    particulars: dict[str, Any] = {}
    if dice.happens("hard", 0.03):
        particulars["hard"] = True
    if dice.happens("secret", 0.02):
        particulars["secret"] = True
    if dice.happens("incomplete", 0.02):
        particulars["missing"] = ["place"]
    return particulars
