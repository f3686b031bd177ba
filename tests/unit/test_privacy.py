"""A mask shows what it promises and hides the rest, whatever it is given."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.privacy import mask_address, mask_name, mask_phone


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("王小明", "王**"),
        ("王明", "王*"),
        ("欧阳明", "欧阳*"),
        ("欧阳", "欧*"),
        (" 司马相如 ", "司马**"),
        ("王", "*"),
        ("", ""),
        ("Smith", "S****"),
    ],
)
def test_name_keeps_its_surname(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13812345678", "138****5678"),
        ("138-1234-5678", "138****5678"),
        ("+86 138 1234 5678", "***********78"),
        ("0532-86123456", "**********56"),
        ("86123456", "******56"),
        ("12345", "*****"),
        ("", ""),
    ],
)
def test_phone_keeps_a_few_digits(phone: str, masked: str) -> None:
    assert mask_phone(phone) == masked


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("青岛市市南区香港中路10号3单元", "青岛市市南区****"),
        ("东湖区滨江路8号", "东湖区****"),
        ("长沙县星沙街道开元路", "长沙县****"),
        ("青石镇一村3组", "青石镇****"),
        ("滨江花园3栋502", "****"),
        ("", ""),
    ],
)
def test_address_keeps_its_district(address: str, masked: str) -> None:
    assert mask_address(address) == masked


@given(st.text(alphabet="王李欧阳小明市区县镇路号0123456789单元室", min_size=6, max_size=40))
def test_masks_never_show_an_end(personal: str) -> None:
    """House numbers, rooms and given names come last."""
    assert mask_address(personal).endswith("*")
    assert mask_name(personal).endswith("*")
