"""事项目录: what cases are about, and who mostly leads them."""

from datetime import timedelta
from typing import Any

from api_hands import Office, new_key, problem
from fixtures.eventually import assert_eventually


async def test_matter_is_in_the_catalogue_from_its_first_case(office: Office) -> None:
    category = f"噪音-{new_key()[:6]}"
    numbers = [await office("operator1").new_case(category=category) for _ in range(2)]
    done = await office("dispatcher1").command(numbers[0], "dispatch_case", {"lead": "U130"})
    assert done.status_code == 200, done.text

    async def is_told() -> None:
        items: list[dict[str, Any]] = (await office("administrator1").get("/matters")).json()["items"]
        (line,) = [one for one in items if one["category"] == category]
        assert (line["cases"], line["open_cases"], line["lead"]) == (2, 2, "U130")
        assert line["first_at"] <= line["last_at"]

    await assert_eventually(is_told, within=timedelta(seconds=20))
    problem(await office("handler-U120").get("/matters"), 403, "role_not_permitted")
