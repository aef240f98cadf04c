"""Who may do what to whom, and what a staff number and a name look like."""

from __future__ import annotations

import re

from storefront.core.actor import SYSTEM
from storefront.staff.models import (
    EMPLOYMENT_TRANSITIONS,
    HQ_ROLES,
    MAY_SIGN_IN,
    EmploymentState,
    Role,
)

_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,31}")
LONGEST_NAME = 80
LONGEST_GRADE = 40


def may_change_staff(actor_role: str) -> bool:
    """Whether somebody may change roles, stores and employment states."""
    return actor_role in {Role.HQ_ADMIN, SYSTEM.role}


def may_add(actor_role: str, role: Role) -> bool:
    """Whether somebody may bring in, invite and keep the details of a person with this role.

    HQ operations may for everybody outside of HQ. Not for HQ: a code for an admin's password
    would be an admin's power.
    """
    if may_change_staff(actor_role):
        return True
    return actor_role == Role.HQ_OPERATIONS and role not in HQ_ROLES


def states_before(state: EmploymentState) -> set[EmploymentState]:
    """The states from which an employment may come to `state`."""
    return {before for before, onward in EMPLOYMENT_TRANSITIONS.items() if state in onward}


def ends_access(state: EmploymentState) -> bool:
    """Whether somebody in this state is signed out everywhere."""
    return state not in MAY_SIGN_IN


def is_grade(text: str) -> bool:
    """Whether this can be the name of a grade; nothing at all is none."""
    return len(text) <= LONGEST_GRADE and text == text.strip() and text.isprintable()


def is_number(text: str) -> bool:
    """Whether this can be a staff number or a store's code."""
    return _NUMBER.fullmatch(text) is not None


def is_name(text: str) -> bool:
    """Whether this can be somebody's name: 1 to 80 characters that can be shown."""
    return 0 < len(text.strip()) <= LONGEST_NAME and text.isprintable()
