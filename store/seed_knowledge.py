"""Knowledge of the demonstration (演示知识): a dozen answers of an invented city, kept by its units; one is 待更新."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select

from hotline.case import Actor
from hotline.identifiers import CommandId, UnitCode, UserId, derived_command
from hotline.knowledge import Knowledge
from hotline.vocabulary import Role
from store.administration import By
from store.engine import WriteSession
from store.knowledge import add_entry, today_of
from store.tables.knowledge import knowledge_revisions

_CAUSE: Final = "demo-knowledge"
_WRITTEN_APART: Final = timedelta(days=7)

_ENTRIES: Final = (
    (
        "U150",
        "人社/社保卡",
        300,
        "社会保障卡丢失怎样补办",
        "本人持身份证到任一社保卡合作银行网点，先挂失，当场补办新卡；也可以拨打 12333 或者在电子社保卡中先行挂失。补办不影响养老金发放和医保结算，新卡激活后即可使用。",
    ),
    (
        "U150",
        "人社/社保转移",
        210,
        "养老保险关系怎样转移到本市",
        "在本市参保缴费后，可在国家社会保险公共服务平台网上申请转入，也可持身份证到市政务服务中心社保窗口办理。转出地和转入地经办机构之间办理，本人不用往返，一般四十五日内办结。",
    ),
    (
        "U150",
        "人社/欠薪",
        180,
        "被拖欠工资怎样投诉",
        "可拨打 12333，或者向用工所在地的劳动保障监察机构投诉，请带劳动合同、考勤或者工资发放记录；农民工欠薪也可在全国根治欠薪线索反映平台提交。劳动监察一般六十日内办结，也可申请劳动仲裁。",
    ),
    (
        "U120",
        "城市管理/路灯",
        260,
        "路灯不亮由谁维修，多久修好",
        "市政道路的路灯由市城市管理局照明中心维修，一般故障二十四小时内修复，电缆故障五日内修复。小区里的路灯由物业维修，没有物业的由街道协调。请告知路名和灯杆编号。",
    ),
    (
        "U120",
        "城市管理/占道经营",
        120,
        "夜市摊点可以摆到几点",
        "经批准的夜市摊点可在公布的时段和区域内经营，收摊后清扫干净；其余道路不得占道经营。反映占道的，请说明路段和时段，由所在街道的城管中队到场处理。",
    ),
    (
        "U130",
        "生态环境/施工噪声",
        330,
        "夜间施工噪音扰民怎样反映",
        "二十二时至次日六时，在噪声敏感建筑物集中区域禁止产生噪声的施工作业；抢修抢险、因生产工艺必须连续作业的，须有证明并公告附近居民。反映时请说明工地位置和时段，登记后由生态环境部门和城管部门现场核查。",
    ),
    (
        "U140",
        "住建/电梯",
        240,
        "老旧小区加装电梯怎样申请",
        "由本单元业主共同申请：专有部分面积占比和人数占比三分之二以上的业主参与表决，并经参与表决的四分之三以上同意。方案公示后向区住建部门提出申请，符合条件的可以申请补贴，也可以提取住房公积金。",
    ),
    (
        "U140",
        "住建/物业",
        -20,
        "维修资金怎样申请使用",
        "由物业服务企业或者业主委员会提出维修方案，经业主表决同意后，向维修资金管理机构申请拨付；屋面渗漏、电梯故障等危及安全的，可以走应急程序。",
    ),
    (
        "U160",
        "市场监管/消费维权",
        400,
        "网上买的东西不能退货怎么办",
        "网购商品自收到之日起七日内可以无理由退货，定作的、鲜活易腐的、已拆封的音像制品和软件等除外。商家拒绝的，请保留订单和聊天记录，通过 12315 平台投诉，七个工作日内告知是否受理。",
    ),
    (
        "U170",
        "公共服务/供水",
        150,
        "小区停水怎样查询原因和恢复时间",
        "计划停水提前二十四小时公告，可在市水务集团公众号查询；突发爆管边抢修边通知，一般十二小时内恢复，超过的安排送水车。高层住宅停水也可能是二次供水设备故障，请先问物业。",
    ),
    (
        "U110",
        "公安/居住证",
        200,
        "外地人怎样办理居住证",
        "在本市居住半年以上，有合法稳定就业、合法稳定住所、连续就读条件之一的，持身份证和证明材料到居住地派出所或者社区受理点申领，十五日内发放；每年签注一次，不收费。",
    ),
    (
        "U310",
        "民政/高龄津贴",
        90,
        "高龄津贴什么时候发，怎样申请",
        "户籍在本区、年满八十周岁的老人，持身份证和户口簿到户籍所在社区申请，从审核通过的次月起按月发放；去世或者户籍迁出的，家属应当及时告知社区。",
    ),
)
"""By whom, of which matter, valid for so many more days, the question and its answer."""


async def seed_knowledge(session: WriteSession, *, at: datetime) -> None:
    """Add the entries that are not there yet, whoever changed one since."""
    known = set(await session.scalars(select(knowledge_revisions.c.command_id)))
    for command_id, said, written_at in _entries(at):
        if command_id not in known:
            head = Actor(user_id=UserId(f"head-{said.unit}"), role=Role.UNIT_HEAD, unit=said.unit)
            by = By(head, written_at)
            await add_entry(session, said, by=by, command_id=command_id, told=False)


def _entries(at: datetime) -> Iterator[tuple[CommandId, Knowledge, datetime]]:
    today = today_of(at)
    for place, (unit, category, days, title, answer) in enumerate(_ENTRIES, start=1):
        said = Knowledge(
            title=title,
            answer=answer,
            category=category,
            unit=UnitCode(unit),
            valid_until=today + timedelta(days=days),
        )
        yield derived_command(_CAUSE, str(place)), said, at - place * _WRITTEN_APART
