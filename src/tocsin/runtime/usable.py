"""Which of the folders that the settings name can this account not use? Asked at the start of a part, and by the doctor."""

from collections.abc import Iterator
from pathlib import Path

from tocsin.runtime import folders
from tocsin.runtime.settings import FOLDERS, SettingError, Settings, wrong


def unusable(config: Settings, *names: str) -> Iterator[SettingError]:
    """Yield what is wrong with each folder (of these settings; without any, of all) in which nothing can be made.

    Keys that are there are only read, and what lies in a folder that was named already is not named once more.
    """
    said: list[Path] = []
    for name in names or tuple(FOLDERS):
        folder: Path = getattr(config, FOLDERS[name])
        if name == "TOCSIN_KEYS" and folders.is_there(folder / "device-public.txt"):
            continue
        if any(folder.is_relative_to(other) for other in said):
            continue
        if problem := folders.why_unusable(folder):
            said.append(folder)
            yield wrong(name, folder, problem)


def refuse_unusable(config: Settings, *names: str) -> None:
    """Return if each of these folders can be used.

    Raises:
        SettingError: the first that cannot; names the setting, the problem, an example.
    """
    for problem in unusable(config, *names):
        raise problem
