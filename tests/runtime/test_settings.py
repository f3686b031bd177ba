from pathlib import Path

import pytest
from pydantic import ValidationError

from runtime.settings import Settings, UnknownSettingError, as_environment, load_settings, settings_table


def test_every_setting_says_what_it_means() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def test_table_has_one_row_per_setting() -> None:
    rows = settings_table().splitlines()[2:]
    assert [row.split("`")[1] for row in rows] == [
        f"HOTLINE_{name.upper()}" for name in Settings.model_fields
    ]


def test_table_tells_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTLINE_DATABASE_URL", "postgresql://u:hidden@h/d")
    assert "hidden" not in settings_table() + repr(load_settings())


def test_environment_sets_a_field(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTLINE_API_PORT", "8123")
    assert load_settings().api_port == 8123


def test_misspelt_variable_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTLINE_DATABSE_URL", "postgresql://h/d")
    with pytest.raises(UnknownSettingError, match="HOTLINE_DATABSE_URL"):
        load_settings()


@pytest.mark.parametrize("url", ["postgres://u@h/d", "postgresql://u@h/d", "postgresql+asyncpg://u@h/d"])
def test_database_url_names_the_driver_we_use(url: str) -> None:
    assert Settings(database_url=url).database_url == "postgresql+asyncpg://u@h/d"


def test_port_out_of_range_is_refused() -> None:
    with pytest.raises(ValidationError):
        Settings(api_port=0)


def test_settings_cannot_change_under_a_running_process() -> None:
    with pytest.raises(ValidationError):
        Settings().api_port = 1  # type: ignore[misc]  # the refusal is what is tested


def test_keyring_lies_in_the_data_folder_unless_told_otherwise() -> None:
    assert Settings(data_dir=Path("d")).keyring_path == Path("d/keyring.json")
    assert Settings(keyring_file=Path("k")).keyring_path == Path("k")


def test_keys_come_from_one_place_and_are_never_shown() -> None:
    assert "hidden" not in repr(Settings(keyring="hidden"))
    with pytest.raises(ValidationError, match="not from both"):
        Settings(keyring="hidden", keyring_file=Path("k"))


def test_what_is_given_takes_precedence_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTLINE_API_PORT", "8123")
    assert load_settings(api_port=8124).api_port == 8124
    assert load_settings(api_port=None).api_port == 8123


def test_child_reads_the_same_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = Settings(data_dir=Path("d"), demo_mode=True, database_url="postgresql://u@h/d", api_port=8124)
    for name, value in as_environment(ours).items():
        monkeypatch.setenv(name, value)
    assert load_settings() == ours
