"""Are the keys made once, kept from others, and never replaced by new ones?"""

import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests import cast
from tocsin.runtime import keys
from tocsin.runtime.encryption import KeyRing


def raw(public: Ed25519PublicKey) -> bytes:
    return public.public_bytes(Encoding.Raw, PublicFormat.Raw)


def test_the_folder_is_for_its_owner_alone(tmp_path: Path) -> None:
    keys.ensure(tmp_path / "keys")
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    files = list((tmp_path / "keys").iterdir())
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert {file.name for file in files} == {
        keys.DEVICE, keys.DEVICE_PUBLIC, keys.RECORD, keys.MASTER,
        keys.ANSWER, keys.DJANGO, keys.VAPID, keys.MADE,
    }  # fmt: skip


def test_keys_are_made_once(tmp_path: Path) -> None:
    first = keys.ensure(tmp_path)
    second = keys.ensure(tmp_path)
    assert (first.masters, first.answer, first.django) == (
        second.masters, second.answer, second.django,
    )  # fmt: skip
    assert first.record.key_id == second.record.key_id
    assert first.vapid_private == second.vapid_private


def test_the_gate_verifies_with_the_public_half_of_the_device_key(tmp_path: Path) -> None:
    made = keys.ensure(tmp_path)
    assert keys.load_device_public(tmp_path) == (raw(made.device.public_key()),)


def test_the_push_keys_have_the_lengths_that_a_browser_expects(tmp_path: Path) -> None:
    made = keys.ensure(tmp_path)
    assert len(made.vapid_public) == 87
    assert len(made.vapid_private) == 43


def test_many_starters_at_once_agree_on_the_keys(tmp_path: Path) -> None:
    program = (
        "import sys, pathlib; from tocsin.runtime import keys;"
        "k = keys.ensure(pathlib.Path(sys.argv[1]));"
        "print(k.record.key_id, k.answer.hex()[:0], k.vapid_public, k.device_public)"
    )
    starters = [
        subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE)
        for _ in range(4)
    ]
    said = {starter.communicate(timeout=60)[0] for starter in starters}
    assert {starter.returncode for starter in starters} == {0}
    assert len(said) == 1


def test_a_key_that_was_made_and_is_gone_is_not_made_anew(tmp_path: Path) -> None:
    keys.ensure(tmp_path)
    (tmp_path / keys.MASTER).unlink()
    with pytest.raises(keys.KeyProblem, match=r"master\.key: was made once and is missing"):
        keys.ensure(tmp_path)


def test_a_start_that_was_cut_short_is_finished(tmp_path: Path) -> None:
    first = keys.ensure(tmp_path)
    (tmp_path / keys.MADE).unlink()
    (tmp_path / keys.VAPID).unlink()
    assert keys.ensure(tmp_path).masters == first.masters


def test_a_kind_of_key_that_is_new_in_this_version_is_added(tmp_path: Path) -> None:
    keys.ensure(tmp_path)
    made = (tmp_path / keys.MADE).read_text().replace(f"{keys.VAPID}\n", "")
    (tmp_path / keys.MADE).write_text(made)
    (tmp_path / keys.VAPID).unlink()
    assert keys.ensure(tmp_path).vapid_public
    assert keys.VAPID in (tmp_path / keys.MADE).read_text()


@pytest.mark.parametrize("name", [keys.DEVICE, keys.RECORD, keys.MASTER, keys.ANSWER, keys.VAPID])
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_can_read_is_refused(tmp_path: Path, name: str, mode: int) -> None:
    keys.ensure(tmp_path)
    (tmp_path / name).chmod(mode)
    with pytest.raises(keys.KeyProblem, match="chmod 600"):
        keys.load(tmp_path)


def test_a_folder_that_others_can_write_to_is_refused_and_not_changed(tmp_path: Path) -> None:
    keys.ensure(tmp_path)
    tmp_path.chmod(0o770)
    with pytest.raises(keys.KeyProblem, match="chmod 700"):
        keys.ensure(tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o770


DAMAGE: list[Callable[[bytes], bytes]] = [
    lambda _: b"",
    lambda whole: whole[: len(whole) // 2],
    lambda _: b"\xff\xfe\x00",
    lambda _: b"not a key\n",
]


@pytest.mark.parametrize("name", [keys.DEVICE, keys.RECORD, keys.MASTER, keys.ANSWER, keys.VAPID])
@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_key_is_named_and_not_shown(
    tmp_path: Path, name: str, damage: Callable[[bytes], bytes]
) -> None:
    keys.ensure(tmp_path)
    path = tmp_path / name
    content = path.read_bytes()
    path.write_bytes(damage(content))
    with pytest.raises(keys.KeyProblem) as problem:
        keys.load(tmp_path)
    assert problem.value.path == path
    assert content.decode() not in str(problem.value)


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    keys.ensure(tmp_path)
    (tmp_path / keys.VAPID).write_bytes((tmp_path / keys.DEVICE).read_bytes())
    with pytest.raises(keys.KeyProblem, match="expected kind"):
        keys.load(tmp_path)


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(keys.KeyProblem, match="no such folder"):
        keys.load(tmp_path / "nowhere")


def test_no_key_is_shown_by_repr(tmp_path: Path) -> None:
    made = keys.ensure(tmp_path)
    shown = repr(made) + repr(made.record)
    for name in (keys.MASTER, keys.ANSWER, keys.DJANGO):
        assert (tmp_path / name).read_text().strip() not in shown
    assert repr(made.masters[0]) not in shown
    assert made.vapid_private not in shown


def test_a_new_master_key_is_put_on_top_and_the_old_one_still_opens(tmp_path: Path) -> None:
    before = keys.ensure(tmp_path)
    wrapped = KeyRing(before.masters).new_person_key(cast.PROTECTED.id)
    after = keys.rotate_master(tmp_path)
    assert after.masters[1:] == before.masters
    ring = KeyRing(after.masters)
    assert ring.person_key(cast.PROTECTED.id, wrapped)
    assert not ring.is_current(wrapped)
    assert ring.is_current(ring.rewrap(cast.PROTECTED.id, wrapped))


def test_there_is_a_bound_on_master_keys(tmp_path: Path) -> None:
    keys.ensure(tmp_path)
    for _ in range(keys.MAX_MASTERS - 1):
        keys.rotate_master(tmp_path)
    assert len(keys.load(tmp_path).masters) == keys.MAX_MASTERS
    with pytest.raises(keys.KeyProblem, match="take the old ones out"):
        keys.rotate_master(tmp_path)


def test_a_new_device_key_leaves_the_old_tokens_valid(tmp_path: Path) -> None:
    old = keys.ensure(tmp_path)
    (tmp_path / keys.DEVICE).write_bytes((tmp_path / keys.RECORD).read_bytes())
    new = keys.ensure(tmp_path)
    assert new.device_public == (raw(new.device.public_key()), *old.device_public)
