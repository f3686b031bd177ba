"""Which units a matter may go to (派单目录): by the words of its title, as a beginner would guess."""

from collections.abc import Iterable
from types import MappingProxyType
from typing import Final

from commands.client import UnitSeen
from hotline.identifiers import UnitCode

_DUTIES: Final = MappingProxyType(
    {
        "城市管理": "路灯 占道 垃圾 井盖 公园 健身 广告 绿化 环卫 道路 市容 摊",
        "生态环境": "噪音 噪声 油烟 污水 污染 排放 扬尘 异味",
        "住房": "物业 电梯 房 渗水 漏水 小区 业主 拆迁 装修 公积金 楼",
        "人力资源": "工资 欠薪 社保 就业 养老 劳动 待遇 老师 医保",
        "市场监督": "超市 食品 健身房 退费 收费 价格 商家 假 消费",
        "水务": "停水 自来水 供水 水压 水管",
        "公安": "消防通道 违停 红绿灯 停车 交通 噪 户口 诈骗 车",
    }
)


def fitting_units(subject: str, units: Iterable[UnitSeen]) -> tuple[UnitCode, ...]:
    """The units whose duties a subject names; whoever is near when it names none (属地)."""
    known = tuple(units)
    named = [
        unit.code
        for office, duties in _DUTIES.items()
        if any(word in subject for word in duties.split())
        for unit in known
        if office in unit.name
    ]
    near = [unit.code for unit in known if unit.name[:2] in subject]
    return tuple(dict.fromkeys(named or near))
