"""After the reply (回访): attempts, answers, ratings, and what a sample shows later."""

from typing import Any, Final

from commands.simulation import words
from commands.simulation.life import Scene
from commands.simulation.steps import Act, Await, Done, Step, Who
from hotline.vocabulary import Role

REVISITOR: Final = Who(Role.REVISITOR)
ANOTHER_REVISITOR: Final = Who(Role.REVISITOR, nth=1)
CITIZEN: Final = Who(Role.CITIZEN)

_ATTEMPTS: Final = 3


def awaiting_revisit(scene: Scene) -> Step:
    """待回访: the citizen rates by themselves, is reached, or is not."""
    life, dice = scene.life, scene.dice
    asked = f"{life.past.count('handling:reply_submitted')}.{life.past.count('revisit:recorded')}"
    if not life.has_contact:
        return Act(REVISITOR, "log_revisit_attempt", {"outcome": "no_contact"})
    if _rates(scene, f"rates/{asked}", 0.12):
        return _rating(scene, asked)
    unreached = dice.happens(f"unreached/{asked}", 0.08)
    tries = _ATTEMPTS if unreached else int(dice.happens(f"busy/{asked}", 0.08))
    if life.past.attempts < tries and life.may("log_revisit_attempt"):
        return _attempt(scene, asked)
    return _visit(scene, asked)


def _attempt(scene: Scene, asked: str) -> Act:
    """Attempts lie an hour apart, on whatever clock the case runs (domain.md §5)."""
    number = scene.life.past.attempts
    outcome = scene.dice.among(f"attempt/{asked}.{number}", ("no_answer", "no_answer", "busy", "declined"))
    apart_for = scene.hours_for(1.2) if number else scene.thinking_for(f"revisit/{asked}", 0.1, 0.6)
    return Act(REVISITOR, "log_revisit_attempt", {"outcome": outcome}, apart_for)


def _visit(scene: Scene, asked: str) -> Act:
    return Act(
        REVISITOR, "record_revisit", _answer(scene, asked), scene.thinking_for(f"revisit/{asked}", 0.1, 0.8)
    )


def _answer(scene: Scene, asked: str) -> dict[str, Any]:
    """Most are content; the longer a case lasts, the fewer."""
    content = 0.87 if scene.life.round <= 1 else 0.72
    rest = 1 - content
    mood = scene.dice.weighted(
        f"answer/{asked}",
        {"content": content, "unsolved": rest * 0.55, "unhappy": rest * 0.2, "contradicts": rest * 0.25},
    )
    return _answers(scene, asked, mood)


def _answers(scene: Scene, asked: str, mood: str) -> dict[str, Any]:
    dice = scene.dice
    if mood == "content":
        satisfaction = dice.weighted(f"satisfaction/{asked}", {5: 0.5, 4: 0.35, 3: 0.15})
        opinion = dice.among(f"opinion/{asked}", words.CONTENT_OPINIONS)
    else:
        satisfaction = dice.weighted(f"satisfaction/{asked}", {2: 0.6, 1: 0.4})
        opinion = dice.among(f"opinion/{asked}", words.UNHAPPY_OPINIONS)
    contacted = mood != "contradicts" or dice.happens(f"contacted/{asked}", 0.5)
    return {
        "contacted": contacted,
        "solved": mood in {"content", "unhappy"},
        "truthful": mood != "contradicts" or not contacted,
        "satisfaction": satisfaction,
        "opinion": opinion,
    }


def _rates(scene: Scene, asked: str, share: float) -> bool:
    """Whether the citizen rates in public; the code is known for cases of this run alone."""
    life = scene.life
    return life.retrieval_code is not None and life.may("rating") and scene.dice.happens(asked, share)


def _rating(scene: Scene, asked: str) -> Act:
    answer = _answer(scene, asked)
    form = {name: answer[name] for name in ("solved", "satisfaction", "opinion")}
    return Act(CITIZEN, "rating", form, scene.thinking_for(f"rating/{asked}", 0.05, 0.8))


def unreached(scene: Scene) -> Step:
    """未接通: the window closes by itself, unless the citizen answers or is reached after all."""
    life = scene.life
    asked = f"window/{life.past.count('handling:reply_submitted')}"
    if _rates(scene, asked, 0.25):
        return _rating(scene, asked)
    late = life.has_contact and scene.dice.happens(f"{asked}/reached", 0.12)
    # Who left no contact is never reached, whatever was waited for.
    waited = life.was_waited_for and life.has_contact
    if (late and life.may("record_revisit")) or waited or life.next_due_at is None:
        return _visit(scene, asked)
    # A limit that is past already may belong to an order or an appeal whose rung waits for its day.
    return Await(max(life.next_due_at, scene.now + scene.hours_for(6)))


def second_revisit(scene: Scene) -> Act:
    """二次回访: somebody else asks again; half of the answers are better."""
    asked = f"second/{scene.life.past.count('revisit:recorded')}"
    better = scene.dice.happens(f"{asked}/better", 0.5)
    form = _answers(scene, asked, "content" if better else "unsolved")
    return Act(ANOTHER_REVISITOR, "second_revisit", form, scene.thinking_for(asked, 0.1, 0.5))


def completed(scene: Scene) -> Step:
    """办结: a late rating or a look back 回头看 now and then, whose finding may reopen the case."""
    life, past = scene.life, scene.life.past
    if not past.count("revisit:rated") and _rates(scene, "late_rating", 0.06):
        return _rating(scene, "late_rating")
    looked = past.count("closeout:looked_back") or not life.may("record_look_back")
    if looked or not scene.dice.happens("look_back", 0.02):
        return Done()
    holds = scene.dice.happens("holds", 0.85)
    form = {"holds": holds, "finding": words.LOOK_BACK if holds else words.RELAPSE}
    return Act(REVISITOR, "record_look_back", form)
