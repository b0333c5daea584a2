"""Which test proves which promise? `docs/guarantees.md` is made from the marks on the tests.

python -m tests.guarantees            says whether the page differs
python -m tests.guarantees --write    writes it
"""

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.simulation.mutants import MUTANTS, TWIN_MUTANTS

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = ROOT / "docs" / "guarantees.md"

# The design, 5: what must never happen.
INVARIANTS: Final = {
    "I1": "An accepted SOS is never lost.",
    "I2": "No silent non-delivery: every attempt ends as seen by a person, unanswered at its deadline, or "
    "failed, visibly; the next channel goes at once.",
    "I3": "An incident without a human owner is never quiet; nor one whose emergency call nobody owns.",
    "I4": "Only an authenticated human act stops escalation.",
    "I5": "Nothing swallows an SOS; two people's SOS are never merged.",
    "I6": "A clock step or a change of summer time never skips or doubles a step.",
    "I7": "Every wait survives a restart: steps due go out within two seconds of start.",
    "I8": "A restore, import or migration sends nothing by itself.",
    "I9": "A cancel with the duress code looks exactly like a true cancel, and alarms.",
    "I10": "A drill is never mistaken for real, and never suppresses real.",
    "I11": "Nothing shown or sent to a respondent or a linked account reveals anything.",
    "I12": "No respondent reads or writes the case; the check is in the database.",
    "I13": "An order that is not valid never raises a breach; the sighting still informs staff.",
    "I14": "An uncertain match is never dropped and never stated as fact.",
    "I15": "The screen tells the truth: stored, sent, seen by, calling, in charge, there.",
    "I16": "In charge without the next expected act re-opens; nobody is pushed towards danger.",
    "I17": "Tightening takes one person and acts at once; loosening takes two.",
    "I18": "Revocation is immediate: sessions, tokens, streams, subscriptions, links.",
    "I19": "Every read of a protected record is logged before the answer; any edit of the record is found.",
    "I20": "Stale is shown as unknown, never as safe.",
    "I21": "A gap in cover is announced before it is needed.",
    "I22": "No single failed part stops the local alarm; a silent SOS never sounds on her devices.",
    "I23": "Location only while an incident or walk is open, only to its responders.",
    "I24": "No secret in a URL, log, subject line, push body, page title, file name or backup.",
    "I25": "Hostile input never costs another person's alarm.",
    "I26": "After its erasure date nothing remains, also after a restore.",
}
HEAD: Final = """# Guarantees

<!-- Made by `python -m tests.guarantees --write` from the marks on the tests; do not edit. -->

What must never happen, and the tests that would fail if it did. A promise without a test is not one
yet: it stands here as *not proven*. The wrong engines are deliberate mistakes, each of which the simulator
must catch under the name of the promise that it breaks.

"""


def proofs() -> dict[str, dict[str, list[str]]]:
    """Return, by invariant and file, the sentences that its tests say."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        everywhere = [name for node in tree.body for name in _of_module(node)]
        for function in (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)):
            if not function.name.startswith("test_"):
                continue
            marks = [name for one in function.decorator_list for name in _named(one)]
            for name in dict.fromkeys((*everywhere, *marks)):
                sentence = function.name.removeprefix("test_").replace("_", " ")
                found[name][str(path.relative_to(ROOT))].append(sentence)
    return found


def _of_module(node: ast.stmt) -> Iterator[str]:
    if not isinstance(node, ast.Assign):
        return
    if [t.id for t in node.targets if isinstance(t, ast.Name)] != ["pytestmark"]:
        return
    values = node.value.elts if isinstance(node.value, ast.List | ast.Tuple) else [node.value]
    for value in values:
        yield from _named(value)


def _named(node: ast.expr) -> Iterator[str]:
    """Return the invariants that a `pytest.mark.guarantee(...)` names."""
    if not isinstance(node, ast.Call) or not ast.unparse(node.func).endswith("mark.guarantee"):
        return
    for argument in node.args:
        if isinstance(argument, ast.Constant):
            yield str(argument.value)


def page() -> str:
    """Return the whole page.

    Raises:
        KeyError: a test names an invariant that the design does not have.
    """
    found = proofs()
    unknown = set(found) - set(INVARIANTS)
    if unknown:
        raise KeyError(*sorted(unknown))
    lines = ["| | always holds | tests |", "|---|---|---|"]
    for name, text in INVARIANTS.items():
        count = sum(map(len, found[name].values()))
        lines.append(f"| {name} | {text} | {count or 'not proven'} |")
    for name, text in INVARIANTS.items():
        lines += ["", f"## {name}", "", text, "", *_proof(name, found[name])]
    return HEAD + "\n".join(lines) + "\n"


def _proof(name: str, found: dict[str, list[str]]) -> Iterator[str]:
    if not found:
        yield "Not proven yet."
    for path, sentences in found.items():
        yield f"* `{path}`: {'; '.join(sentences)}"
    caught = [m.name for m in (*MUTANTS, *TWIN_MUTANTS) if name in m.breaks]
    if caught:
        yield f"* wrong engines that are caught: {'; '.join(caught)}"


def main(arguments: list[str]) -> int:
    """Write the page, or say whether it differs; return the exit code."""
    if arguments == ["--write"]:
        PAGE.write_text(page(), encoding="utf-8")
        return 0
    differs = not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page()
    sys.stdout.write("docs/guarantees.md differs from the tests\n" if differs else "")
    return int(differs)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
