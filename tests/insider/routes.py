"""Which addresses does the web process answer? Read from its own table, so that nobody can forget one here.

Run as a program: JSON lines of name, pattern, and the parameters with their kinds.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Route:
    """One address: its name, how it is spelled with `{parameter}`, what each parameter is, and who answers it."""

    name: str
    spelled: str
    parameters: tuple[tuple[str, str], ...]
    module: str = ""
    view: str = ""

    def filled(self, values: Mapping[str, str]) -> str:
        """Return the address with these values."""
        return "/" + self.spelled.format(**values)


def routes_of(environment: Mapping[str, str]) -> tuple[Route, ...]:
    """Return every route of the console that is installed here."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.insider.routes"],
        env=dict(environment),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return tuple(Route(each["name"], each["spelled"], tuple(map(tuple, each["parameters"])), each["module"], each["view"]) for each in found)  # type: ignore[misc]  # fmt: skip


def main() -> None:
    """Print the routes."""
    import django

    from tocsin.console import django_settings
    from tocsin.runtime import settings

    django_settings.configure(settings.load(), "web")
    django.setup()
    from django.urls import URLPattern, URLResolver, get_resolver

    def walk(patterns: list[URLPattern | URLResolver], before: str, kinds: dict[str, str]) -> None:
        for each in patterns:
            spelled, found = before, dict(kinds)
            route = str(each.pattern)
            for name, converter in each.pattern.converters.items():
                kind = type(converter).__name__.removesuffix("Converter").lower()
                found[name] = kind
                for spelling in (f"<{kind}:{name}>", f"<{name}>", f"<str:{name}>"):
                    route = route.replace(spelling, "{" + name + "}")
            spelled += route
            if isinstance(each, URLResolver):
                walk(each.url_patterns, spelled, found)
            else:
                answering = {"module": each.callback.__module__, "view": each.callback.__name__}
                line = {"name": each.name, "spelled": spelled, "parameters": list(found.items()), **answering}  # fmt: skip
                sys.stdout.write(json.dumps(line) + "\n")

    walk(get_resolver().url_patterns, "", {})


if __name__ == "__main__":
    main()
