"""Whoever must not know a secret caller finds no trace of them in a text, however it is written."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.redaction import HIDDEN, has_number_of_a_person, redact
from hotline.secrecy import OPENERS, Shown, caller_shown_to, reads_redacted
from hotline.vocabulary import Role

NAME, PHONE, ADDRESS = "欧阳小明", "138-1234-5678", "东湖区滨江路8号3单元502室"


def shown(text: str) -> str:
    return redact(text, name=NAME, phone=PHONE, address=ADDRESS)


@pytest.mark.parametrize(
    "trace",
    [
        "欧阳小明",
        "欧阳 小明",
        "欧 阳 小 明",
        "欧阳女士",
        "13812345678",
        "138 1234 5678",
        "１３８１２３４５６７８",
        "一三八一二三四五六七八",
        "幺三八一二三四五六七八",
        "+86 138-1234-5678",
        "东湖区滨江路8号3单元502室",
        "滨江路8号3单元502室",
        "滨江路 ８号 ３单元 ５０２室",
        "8号3单元502室",
        "3单元502室",
        # Of somebody's, and not known to be the caller's.
        "13900001111",
        "0532-86123456",
        "370202198501011234",
        "37020219850101123X",
        "370202850101123",
        "6222021234567890123",
        "somebody@example.com",
        "微信号：wxid_abc123",
        "QQ 12345678",
    ],
)
def test_a_trace_of_somebody_is_hidden(trace: str) -> None:
    text = shown(f"反映人{trace}，施工扰民")
    assert (
        trace.removeprefix("欧阳").removeprefix("微信号：").removeprefix("QQ ") not in text
        or trace == "欧阳女士"
    )
    assert HIDDEN in text
    assert text.startswith("反映人")
    assert text.endswith("，施工扰民")


@pytest.mark.parametrize(
    "text",
    [
        "东湖区滨江路夜间施工，凌晨1点仍未停止",
        "已罚款 100000 元，文号〔2026〕12 号",
        "2026年11月20日 10:30 现场检查",
        "与 261120103000010001 同一工地",
        "欧阳修纪念馆门前路灯不亮",
        "18 栋 3 楼漏水",
    ],
)
def test_what_handlers_need_stays(text: str) -> None:
    assert shown(text) == text


def test_nothing_known_hides_forms_alone() -> None:
    assert redact("请回电 13812345678，我姓王") == f"请回电 {HIDDEN}，我姓王"
    assert redact("", name="", phone="-", address="") == ""


@pytest.mark.parametrize(
    ("text", "is_of_a_person"),
    [
        ("请打 １３８ 1234 5678", True),
        ("身份证 110101199003078811", True),
        ("卡号 6222021234567890123", True),
        ("咨询 027-12345678 或者 12333，也可写信到 kefu@example.org", False),
        ("工作日 9:00–17:00，一般 15 个工作日，工本费 20 元", False),
    ],
)
def test_what_is_for_everybody_may_name_offices_and_no_person(text: str, is_of_a_person: bool) -> None:
    assert has_number_of_a_person(text) is is_of_a_person


def test_a_name_of_one_character_hides_no_common_word() -> None:
    assert redact("王府井大街路灯不亮", name="王") == "王府井大街路灯不亮"


@settings(deadline=None)  # A busy machine compiles patterns slowly.
@given(
    st.text(alphabet="王李张欧阳小明强丽", min_size=2, max_size=4),
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    st.text(alphabet="的了在是，。", max_size=10),
)
def test_name_and_number_never_survive(name: str, phone: str, around: str) -> None:
    text = redact(f"{around}{name}{around}{phone}{around}", name=name, phone=phone)
    assert name not in text
    assert phone not in text


@pytest.mark.parametrize("role", list(Role))
def test_nobody_sees_a_secret_caller_in_passing(role: Role) -> None:
    assert caller_shown_to(role, secret=True) is (Shown.MASKED if role in OPENERS else Shown.NOTHING)
    assert reads_redacted(role) is (role not in OPENERS)


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (Role.OPERATOR, Shown.WHOLE),
        (Role.HANDLER, Shown.WHOLE),
        (Role.UNIT_HEAD, Shown.WHOLE),
        (Role.LEADER, Shown.NOTHING),
        (Role.DISCIPLINE, Shown.NOTHING),
        (Role.ADMINISTRATOR, Shown.NOTHING),
        (Role.CITIZEN, Shown.NOTHING),
    ],
)
def test_who_must_reach_the_citizen_sees_who_they_are(role: Role, expected: Shown) -> None:
    assert caller_shown_to(role, secret=False) is expected
