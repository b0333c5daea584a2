"""Is every edit, cut and reordering of an export found, and said in plain words?"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests import cast
from tests.record.entries import START
from tests.record.exports import OTHER_SIGNER, SIGNER, head_at, leaves, one_incident, whole
from tocsin.record import verify
from tocsin.record.rules import tree
from tocsin.record.rules.entries import canonical
from tocsin.record.rules.export import About, entry_line, header_line, signed_off
from tocsin.record.rules.heads import head_line, witness_line

NIGHT = leaves(60)
INTACT = verify.INTACT


def found(lines: list[bytes]) -> list[str]:
    return verify.Check().run(lines).findings


def renumbered(lines: list[bytes]) -> list[bytes]:
    """Return a whole export put in order again by somebody without the key."""
    kept = [json.loads(line) for line in lines]
    texts = iter([line[line.index(b'"leaf":') + 7 : -2] for line in lines if b'"leaf":' in line])
    seq = iter(range(len(lines)))
    return [
        entry_line(next(seq), next(texts)) + b"\n" if "leaf" in each else line
        for each, line in zip(kept, lines, strict=True)
    ]


@pytest.mark.parametrize("lines", [whole(NIGHT), whole(NIGHT[:1]), whole(()), one_incident(NIGHT)])
def test_an_export_as_it_was_made_is_intact(lines: list[bytes]) -> None:
    assert found(lines) == []


def test_a_changed_entry_is_named() -> None:
    lines = whole(NIGHT)
    lines[6] = lines[6].replace(b'"late_ms":5', b'"late_ms":4')
    said = found(lines)
    assert said[0] == "Entry 5 (line 7) was changed: its text is not the one that was sealed."
    assert said[1].startswith("The closing signature does not fit")


def test_several_changed_entries_are_each_named() -> None:
    lines = whole(NIGHT)
    for place in (6, 9, 40):
        lines[place] = lines[place].replace(b'"kind":"step.begun"', b'"kind":"step.ended"')
    assert [text[:8] for text in found(lines)[:3]] == ["Entry 5 ", "Entry 8 ", "Entry 38"]


def test_a_changed_hash_is_told_from_a_changed_entry() -> None:
    lines = whole(NIGHT)
    place = lines[6].index(b'"hash":"') + 8
    lines[6] = lines[6][:place] + b"0000" + lines[6][place + 4 :]
    assert "is as it was sealed, but the hash beside it" in found(lines)[0]


def test_a_change_with_its_hash_made_fit_is_found_between_two_heads() -> None:
    lines = whole(NIGHT)
    lines[30] = lines[30].replace(b'"late_ms":28', b'"late_ms":29')
    said = found(renumbered(lines))
    assert said[0] == "Entries 20 to 39 are not as sealed: changed, moved, cut or added to."


def test_a_cut_is_named() -> None:
    lines = whole(NIGHT)
    del lines[6:9]
    assert found(lines)[0] == "Entries 5 to 7 are missing (before line 7)."


def test_a_cut_that_was_closed_again_is_found() -> None:
    lines = whole(NIGHT)
    del lines[6]
    assert found(renumbered(lines))[0].startswith("Entries 0 to 19 are not as sealed")


def test_two_entries_that_changed_places_are_found() -> None:
    lines = whole(NIGHT)
    lines[6], lines[7] = lines[7], lines[6]
    assert "Entry 5 (line 8) was moved or is there twice." in found(lines)
    assert found(renumbered(lines))[0].startswith("Entries 0 to 19 are not as sealed")


def test_an_entry_from_elsewhere_is_found() -> None:
    lines = whole(NIGHT)
    lines.insert(7, lines[30])
    assert found(lines)
    assert found(renumbered(lines))[0].startswith("Entries 0 to 19 are not as sealed")


def test_an_end_that_was_cut_off_is_found() -> None:
    lines = whole(NIGHT)
    for length in range(1, len(lines)):
        assert "The file has no closing line: its end was cut off." in found(lines[:length])


def test_a_line_after_the_end_is_found() -> None:
    lines = whole(NIGHT)
    assert "was added" in found([*lines, lines[3]])[0]


def test_a_head_signed_by_another_is_found() -> None:
    lines = whole(NIGHT)
    lines[21] = head_line(head_at(20, NIGHT, OTHER_SIGNER)) + b"\n"
    assert found(lines)
    forged = json.loads(head_line(head_at(20, NIGHT, OTHER_SIGNER)))
    forged["head"]["key"] = SIGNER.key_id
    lines[21] = canonical(forged) + b"\n"
    assert "Line 22: the signature of the head is not valid." in found(lines)


def test_a_record_written_anew_with_the_key_is_found_by_a_witness() -> None:
    forged = (NIGHT[1], NIGHT[0], *NIGHT[2:])
    lines = whole(forged)
    assert found(lines) == []
    kept = verify.witnesses_of(witness_line(head_at(40, NIGHT)))
    assert verify.Check(kept).run(lines).findings == [
        "A witness saw other 40 first entries: all was written anew."
    ]
    assert verify.Check(kept).run(whole(NIGHT)).status == INTACT


def test_an_end_cut_off_with_the_key_is_found_by_a_witness() -> None:
    kept = verify.witnesses_of(head_line(head_at(60, NIGHT)).decode())
    said = verify.Check(kept).run(whole(NIGHT[:50])).findings
    assert said == ["A witness saw 60 entries: the end was cut off, or is newer."]


def test_a_witness_of_an_incidents_export_is_asked_where_it_can_be() -> None:
    same, older = (
        verify.Check(verify.witnesses_of(witness_line(head_at(size, NIGHT)))) for size in (60, 40)
    )
    assert same.run(one_incident(NIGHT)).status == INTACT
    assert older.run(one_incident(NIGHT)).status == verify.NOT_CHECKED
    forged = (NIGHT[3], *NIGHT[1:3], NIGHT[0], *NIGHT[4:])
    same = verify.Check(verify.witnesses_of(witness_line(head_at(60, NIGHT))))
    assert same.run(one_incident(forged)).status == verify.NOT_INTACT


def test_a_witness_of_somebody_else_checks_nothing() -> None:
    kept = verify.witnesses_of(f"{cast.ORCHARD_STORES} 3 {'00' * 32}\n")
    assert verify.Check(kept).run(whole(NIGHT)).status == verify.NOT_CHECKED


def test_an_entry_left_out_of_an_incident_is_found() -> None:
    lines = one_incident(NIGHT)
    del lines[5]
    assert "There were 20 entries, under a head over 60." in found(lines)


def test_an_entry_of_another_incident_is_found() -> None:
    levels = tree.levels([tree.leaf_hash(leaf) for leaf in NIGHT])
    lines = one_incident(NIGHT)[:-1]
    lines[3] = entry_line(4, NIGHT[4], tree.path(levels, 4)) + b"\n"
    resealed = list(signed_off([line[:-1] for line in lines], SIGNER))
    assert found(resealed) == ["Entry 4 (line 4) is not one of the incident."]


def test_a_changed_entry_of_an_incident_is_named() -> None:
    lines = one_incident(NIGHT)
    lines[3] = lines[3].replace(b'"late_ms":3', b'"late_ms":2')
    assert "Entry 3 (line 4) is not what was sealed there." in found(lines)


@pytest.mark.parametrize(
    "first",
    [b"", b"\n", b"[]\n", b"{}\n", b"\xff\xfe\n", b"[" * 50_000 + b"\n", b"null\n",
     b'{"tocsin-record":1}\n', b'{"tocsin-record":Infinity}\n', b"%PDF-1.7\n"],
)  # fmt: skip
def test_what_is_no_export_cannot_be_checked(first: bytes) -> None:
    with pytest.raises(verify.Unreadable, match="first line"):
        verify.Check().run([first, *whole(NIGHT)[1:]])


def test_an_unknown_version_cannot_be_checked() -> None:
    lines = whole(NIGHT)
    lines[0] = lines[0].replace(b'"tocsin-record":1', b'"tocsin-record":2')
    with pytest.raises(verify.Unreadable, match="version 2"):
        verify.Check().run(lines)


def test_line_ends_changed_on_the_way_are_said() -> None:
    with pytest.raises(verify.Unreadable, match="CR LF"):
        verify.Check().run([line.replace(b"\n", b"\r\n") for line in whole(NIGHT)])


@pytest.mark.parametrize("bad", [b"{}\n", b"[" * 60_000 + b"\n", b'{"head":{"size":1e999}}\n',
                                 b'{"head":[]}\n', b'{"head":{"key":[]}}\n', b"\xff\n",
                                 b'{"end":{"key":[]}}\n', b'{"end":3}\n'])  # fmt: skip
def test_a_hostile_line_is_a_finding_and_no_crash(bad: bytes) -> None:
    lines = whole(NIGHT)
    lines[4] = bad
    assert found(lines)


def test_findings_are_bounded() -> None:
    assert len(found([*whole(NIGHT), *[b"x\n"] * 500])) == verify.MAX_FINDINGS


@pytest.mark.parametrize("text", ["three words only\n", "one\n", "{}\n", "org 3 00 more\n"])
def test_a_witness_line_that_is_none_is_said(text: str) -> None:
    with pytest.raises(verify.Unreadable, match="witness line"):
        verify.witnesses_of(text)


def write(path: Path, lines: list[bytes]) -> str:
    path.write_bytes(b"".join(lines))
    return str(path)


def test_the_program_says_it_in_words_and_by_its_status(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = whole(NIGHT)
    good = write(tmp_path / "good.jsonl", lines)
    bad = write(tmp_path / "bad.jsonl", lines[:5] + lines[6:])
    witness = tmp_path / "witness.txt"
    witness.write_text(witness_line(head_at(60, NIGHT)) + "\n")
    key = json.loads(lines[0])["keys"][SIGNER.key_id]
    assert verify.main([good, "--head", str(witness), "--key", key]) == 0
    assert capsys.readouterr().out.startswith("INTACT.\n60 entries, the whole record")
    assert verify.main([bad]) == 1
    assert "NOT INTACT.\n" in capsys.readouterr().out
    assert verify.main([good, "--key", "AAAA"]) == 1
    assert "not signed with the published key" in capsys.readouterr().out
    assert verify.main([str(tmp_path / "none.jsonl")]) == 2
    assert "CANNOT BE CHECKED." in capsys.readouterr().out


@pytest.mark.parametrize("field", ["unsealed", "organisation", "count", "tocsin-record"])
def test_what_a_file_holds_writes_no_verdict_of_its_own_on_the_screen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], field: str
) -> None:
    lines = whole(NIGHT)
    forged = canonical({**json.loads(lines[0]), field: "0\n\x1b[2J\x1b[HINTACT.\n"}) + b"\n"
    assert verify.main([write(tmp_path / "forged.jsonl", [forged, *lines[1:]])]) != 0
    said = capsys.readouterr().out
    assert "INTACT." not in said.splitlines()
    assert "\x1b" not in said


def test_the_program_runs_as_one_copied_file_without_tocsin(tmp_path: Path) -> None:
    program = tmp_path / "verify.py"
    program.write_bytes(Path(verify.__file__).read_bytes())
    good = write(tmp_path / "good.jsonl", whole(NIGHT))
    block = "import sys; sys.modules['tocsin'] = sys.modules['django'] = None;"
    run = f"{block} sys.argv = ['verify.py', {good!r}];"
    code = f"{run} import runpy; runpy.run_path({str(program)!r}, run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout[:7]) == (0, b"INTACT.")


def test_a_count_that_was_made_fit_is_found() -> None:
    about = About(cast.HARBOUR_EMS, None, 59, 59, 0, START)
    lines = whole(NIGHT)
    lines[0] = header_line(about, SIGNER) + b"\n"
    del lines[-3]
    assert found(renumbered(lines))
