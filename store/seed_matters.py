"""Matters of the demonstration (演示事项): a dozen that the invented city keeps in its catalogue."""

from typing import Final

from hotline.identifiers import UnitCode
from store.engine import WriteSession
from store.matters import MatterEntry, add_matters

_ENTRIES: Final = (
    ("生态环境/施工噪声", "建筑工地夜间施工、设备噪声", "U130"),
    ("生态环境/油烟", "餐饮油烟直排、净化设备不用", "U130"),
    ("城市管理/路灯", "市政道路照明；小区内的属物业", "U120"),
    ("城市管理/占道经营", "流动摊贩、店外经营", "U120"),
    ("城市管理/垃圾清运", "垃圾桶满溢、清运不及时", "U120"),
    ("住建/物业", "物业服务、维修资金、公共收益", "U140"),
    ("住建/电梯", "住宅电梯维修、加装；困人转应急", "U140"),
    ("人社/欠薪", "拖欠工资；请留工地或者单位名称", "U150"),
    ("人社/社保卡", "社会保障卡申领、补办、激活", "U150"),
    ("市场监管/消费维权", "退换货、预付卡、价格欺诈", "U160"),
    ("公共服务/供水", "停水、水压、水质、水费", "U170"),
    ("公安/居住证", "居住证申领和签注", "U110"),
)


async def seed_matters(session: WriteSession) -> None:
    """Keep the matters that nobody keeps yet."""
    await add_matters(
        session,
        (MatterEntry(category=category, note=note, lead=UnitCode(lead)) for category, note, lead in _ENTRIES),
    )
