"""派单建议: shares of earlier cases with their basis, and silence where there are too few."""

import pytest

from hotline.identifiers import UnitCode
from hotline.suggestion import Basis, suggest, suggest_kept

A, B, C, D = (UnitCode(f"U{number}") for number in (100, 110, 120, 130))


def told(found: object) -> list[tuple[str, int, int]]:
    return [(one.unit, one.stayed, one.cases) for one in found]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("here", "anywhere", "expected"),
    [
        ({}, {}, []),
        ({A: 2}, {A: 2}, []),
        ({A: 2}, {A: 2, B: 1}, [(A, 2, 3), (B, 1, 3)]),
        ({A: 3}, {A: 3, B: 90}, [(A, 3, 3)]),
        ({A: 5, B: 5}, {}, [(A, 5, 10), (B, 5, 10)]),
        ({A: 95, B: 5}, {}, [(A, 95, 100)]),
        ({A: 3, B: 3, C: 3, D: 3}, {}, [(A, 3, 12), (B, 3, 12), (C, 3, 12)]),
    ],
    ids=["nothing", "too few", "few here", "enough here", "a tie", "too small a share", "no more than three"],
)
def test_likeliest_units_are_suggested_with_what_they_stand_on(
    here: dict[UnitCode, int], anywhere: dict[UnitCode, int], expected: list[tuple[str, int, int]]
) -> None:
    assert told(suggest(here, anywhere)) == expected


def test_the_same_area_counts_before_the_matter_alone() -> None:
    (here,) = suggest({A: 3}, {B: 3})
    (anywhere,) = suggest({A: 2}, {B: 3})
    assert (here.basis, anywhere.basis) == (Basis.MATTER_AND_AREA, Basis.MATTER)
    assert here.share == pytest.approx(1)


def test_unit_that_is_complained_about_is_never_suggested_and_still_counts() -> None:
    assert told(suggest({A: 8, B: 2}, {}, shut_out=[A])) == [(B, 2, 10)]
    assert suggest({A: 8}, {B: 8}, shut_out=[A]) == ()


def test_unit_of_the_catalogue_has_no_share_and_is_not_the_one_complained_about() -> None:
    (kept,) = suggest_kept(A)
    assert (kept.unit, kept.basis, kept.share) == (A, Basis.CATALOGUE, None)
    assert suggest_kept(A, shut_out=[A]) == ()
