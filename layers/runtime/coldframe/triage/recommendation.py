"""What to do with a ticket, in one sentence."""

from collections.abc import Mapping
from typing import Any

from coldframe.triage.tiers import Scope

_NOT_IN_SCOPE = "Have a person read it: it does not read like a ticket in English."
_NOT_CERTAIN = "Have {team} read it first: it may be {likeliest}, which is not certain."
_BY_VERDICT = {
    "FULLY_AUTOMATABLE": "Automate it, and tell {team}.",
    "PARTIALLY_AUTOMATABLE": "Let automation prepare it, and {team} finish it{within}.",
}
_BY_ROUTE = "Assign it to {team}{seen_to}."


def recommend(scope: Scope, said: Mapping[str, Any]) -> str:
    """Say what to do, from as many tiers as were asked for."""
    if not scope.in_scope:
        return _NOT_IN_SCOPE
    within = f" within {said['sla_hours']} hours" if "sla_hours" in said else ""
    words = {
        "team": said.get("routing_team") or said.get("business_category") or "the team in charge",
        "within": within,
        "seen_to": within and f", to be seen to{within}",
        "likeliest": said.get("likeliest_category"),
    }
    if said.get("low_confidence"):
        return _NOT_CERTAIN.format(**words)
    return _BY_VERDICT.get(said.get("automation_category", ""), _BY_ROUTE).format(**words)
