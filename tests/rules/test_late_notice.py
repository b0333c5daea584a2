"""A notice of a house rule that was not given in time: its owner is told once, after a day the leads."""

from datetime import timedelta

from tests.builders import AT
from tocsin.registry.rules.house_rule import LateNotice, late_notice

DAY = timedelta(days=1)


def test_before_it_is_due_nobody_is_told() -> None:
    before = AT - timedelta(seconds=1)
    assert late_notice(AT, before, owner_told=False, leads_told=False) is None


def test_its_owner_is_told_once() -> None:
    assert late_notice(AT, AT, owner_told=False, leads_told=False) is LateNotice.OWNER
    assert late_notice(AT, AT + DAY / 2, owner_told=True, leads_told=False) is None


def test_after_a_day_the_leads_are_told_once() -> None:
    assert late_notice(AT, AT + DAY, owner_told=True, leads_told=False) is LateNotice.LEADS
    assert late_notice(AT, AT + DAY * 2, owner_told=True, leads_told=True) is None


def test_an_owner_who_cannot_be_told_does_not_hold_up_the_leads() -> None:
    assert late_notice(AT, AT + DAY, owner_told=False, leads_told=False) is LateNotice.LEADS
