"""The console in its second language: what is marked is translated, lengths of time are told in both, and nothing else changes."""

import re
from datetime import timedelta

import pytest

from api.errors import ApiError, problem_of
from console.rendering import UNITS, Look, environment, limit, render, span
from console.speaking import Language, catalogue, translations
from hotline.policy import Limit
from tools.sayings import left_over, missing, unmarked


@pytest.mark.parametrize(
    ("length", "chinese", "english"),
    [
        (timedelta(days=3, hours=4, minutes=5), "3天4小时", "3 d 4 h"),
        (timedelta(hours=1), "1小时", "1 h"),
        (timedelta(minutes=59), "59分钟", "59 min"),
        (timedelta(seconds=-59), "不到1分钟", "under a minute"),
        (None, "—", "—"),
    ],
)
def test_length_of_time_is_told_in_both_languages(
    length: timedelta | None, chinese: str, english: str
) -> None:
    assert span(length) == chinese
    assert span(length, UNITS[Language.ENGLISH]) == english


@pytest.mark.parametrize(
    ("written", "chinese", "english"),
    [
        ("5 wd", "5 个工作日", "5 working days"),
        ("1 wd", "1 个工作日", "1 working day"),
        ("1.5 wh", "1.5 个工作小时", "1.5 working hours"),
        ("30 min", "30 分钟", "30 minutes"),
        ("24 h", "1 天", "1 day"),
    ],
)
def test_limit_is_told_in_both_languages(written: str, chinese: str, english: str) -> None:
    for told in (written, Limit.model_validate(written)):
        assert limit(told) == chinese
        assert limit(told, Language.ENGLISH) == english


def test_chinese_is_said_as_it_is_written() -> None:
    assert translations(Language.CHINESE).gettext("登记") == "登记"


def test_page_names_its_language_and_the_words_of_its_countdowns() -> None:
    problem, _headers = problem_of(ApiError(404, "not_found", "没有这个页面"))
    page = render(Look(language=Language.ENGLISH), "problem.html", visit=None, problem=problem)
    assert '<html lang="en"' in page
    assert 'data-less="under a minute"' in page


@pytest.mark.parametrize("language", Language)
def test_what_people_wrote_is_neither_a_format_nor_markup_nor_a_key(language: Language) -> None:
    page = environment(language).from_string(
        "{{ _(name) }}|{{ _('') }}|{{ _('共 %(count)s 件', count=name) }}"
    )
    shown = page.render(name="<b>100%</b>")
    assert shown.startswith("&lt;b&gt;100%&lt;/b&gt;||")
    assert "<b>" not in shown


def test_english_has_the_same_places_for_values() -> None:
    places = re.compile(r"%\((\w+)\)s")
    for message in catalogue():
        if message.string:
            assert set(places.findall(str(message.id))) == set(places.findall(str(message.string))), (
                message.id
            )


def test_templates_write_no_chinese_that_is_not_marked() -> None:
    assert unmarked() == []


def test_everything_the_console_says_is_said_in_english_too() -> None:
    assert (missing(), left_over()) == ([], [])
