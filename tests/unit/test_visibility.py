"""可见范围: units and those above them, discipline groups, and who is kept out before any of that."""

import pytest

from hotline.case import Actor, Concern, Lineage
from hotline.identifiers import UnitCode, UserId
from hotline.visibility import Parents, Viewer, above, barred, below, may_see, viewer_of
from hotline.vocabulary import Role
from unit.lives import CITIZEN, SYSTEM, handler_of, head_of, person

CITY, DISTRICT, STREET, SIBLING, OFFICE = (UnitCode(code) for code in ("city", "qu", "jie", "zhen", "suo"))
BUREAU = UnitCode("ju")
TREE: Parents = {
    CITY: None,
    DISTRICT: CITY,
    STREET: DISTRICT,
    SIBLING: DISTRICT,
    OFFICE: STREET,
    BUREAU: CITY,
}
STREETS_CASE = Concern(units=(STREET,))
ABOUT_THE_DISTRICT = Concern(units=(BUREAU,), accused_units=(DISTRICT,))


def sees(actor: Actor, concern: Concern) -> bool:
    return may_see(viewer_of(actor, TREE), concern)


def test_tree_is_read_both_ways() -> None:
    assert above(OFFICE, TREE) == (STREET, DISTRICT, CITY)
    assert set(below(DISTRICT, TREE)) == {STREET, SIBLING, OFFICE}
    assert above(UnitCode("nowhere"), TREE) == below(OFFICE, TREE) == ()


@pytest.mark.parametrize(
    ("unit", "known"),
    [(STREET, True), (DISTRICT, True), (CITY, True), (SIBLING, False), (OFFICE, False), (BUREAU, False)],
)
def test_district_knows_of_the_cases_of_its_streets_and_not_the_other_way(
    unit: UnitCode, *, known: bool
) -> None:
    assert sees(handler_of(unit), STREETS_CASE) is sees(head_of(unit), STREETS_CASE) is known


@pytest.mark.parametrize(
    ("unit", "kept_out"), [(DISTRICT, True), (STREET, True), (OFFICE, True), (CITY, False), (BUREAU, False)]
)
def test_complaint_about_a_unit_is_kept_from_it_and_from_all_below_it_by_rule_6(
    unit: UnitCode, *, kept_out: bool
) -> None:
    everywhere = Concern(units=(DISTRICT, STREET, OFFICE, BUREAU), accused_units=(DISTRICT,))
    assert sees(handler_of(unit), everywhere) is not kept_out


def test_staff_on_loan_from_an_accused_unit_are_its_staff() -> None:
    on_loan = person("dispatcher-on-loan", Role.DISPATCHER, STREET)
    assert not sees(on_loan, ABOUT_THE_DISTRICT)
    assert sees(on_loan, STREETS_CASE)
    assert sees(person("dispatcher", Role.DISPATCHER), ABOUT_THE_DISTRICT)


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.SYSTEM, Role.CITIZEN}])
def test_whoever_is_recused_knows_nothing_whatever_the_role(role: Role) -> None:
    actor = person("somebody", role, STREET)
    assert sees(actor, STREETS_CASE)
    assert not sees(actor, STREETS_CASE.model_copy(update={"recused": (UserId("somebody"),)}))


def test_stationed_group_knows_what_concerns_its_units_and_the_commission_everything() -> None:
    officer = person("officer", Role.DISCIPLINE)
    stationed = viewer_of(officer, TREE, supervised=[DISTRICT])
    commission = viewer_of(officer, TREE)
    idle = viewer_of(officer, TREE, supervised=[])
    for concern, known in (
        (STREETS_CASE, True),
        (ABOUT_THE_DISTRICT, True),
        (Concern(units=(BUREAU,), accused_units=(OFFICE,)), True),
        (Concern(units=(BUREAU,)), False),
        (Concern(), False),
    ):
        assert may_see(stationed, concern) is known
        assert may_see(commission, concern)
        assert not may_see(idle, concern)


def test_system_sees_all_and_a_citizen_no_list() -> None:
    everyone_recused = Concern(units=(STREET,), recused=(SYSTEM.user_id, CITIZEN.user_id))
    assert sees(SYSTEM, everyone_recused)
    assert not sees(CITIZEN, Concern(units=(STREET,)))
    assert not may_see(Viewer(actor=person("nobody's", Role.HANDLER)), Concern(units=(STREET,)))


def test_barred_are_the_accused_and_whoever_answers_to_them() -> None:
    lines = (Lineage(unit=STREET, above=(DISTRICT, CITY)),)
    assert barred((STREET, BUREAU), lines, (DISTRICT,)) == (STREET,)
    assert barred((STREET, BUREAU), (), (DISTRICT,)) == ()
    assert barred((BUREAU, STREET), (), (BUREAU,)) == (BUREAU,)
