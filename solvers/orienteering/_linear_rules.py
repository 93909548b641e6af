"""The rules of a trip as constraints of a CP-SAT model, given the literals that say what is taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ortools.sat.python import cp_model

    from solvers.orienteering.problem import TripProblem


class LinearRules:
    """
    Add everything that couples visits, nights and days, whichever way the day-routes themselves are modelled.

    Parameters
    ----------
    model
        The model to add to.
    problem
        A valid problem.
    taken
        For each option an expression that is 1 when it is visited, else 0; options left out are never visited.
    nights
        For each lodging the literal that it is slept in.
    """

    def __init__(
        self,
        model: cp_model.CpModel,
        problem: TripProblem,
        *,
        taken: Mapping[int, Any],
        nights: Sequence[cp_model.IntVar],
    ) -> None:
        self._model = model
        self._problem = problem
        self._taken = taken
        self._nights = nights

    def add_nights(self) -> None:
        """Take exactly one lodging on each night that offers any."""
        nights = self._problem.lodgings.night
        for night in np.unique(nights).tolist():
            self._model.add_exactly_one(self._nights[stay] for stay in np.flatnonzero(nights == night).tolist())

    def add_groups(self) -> None:
        """Take each group at most once, nights of one group aside, and each required group at least once."""
        problem = self._problem
        required = set(problem.required.tolist())
        for group in range(problem.groups):
            visits = sum(self._visits(group))
            stays = self._stays(group)
            self._model.add(visits <= 1)
            for stay in stays:
                self._model.add(visits + stay <= 1)
            if group in required:
                self._model.add(visits + sum(stays) >= 1)

    def add_precedence_between_days(self) -> None:
        """Forbid the later group of a pair on an earlier day, and on any other day where the pair shares one."""
        for before, after, same_day in self._problem.precedence.tolist():
            for early in range(self._problem.days):
                for late in range(self._problem.days):
                    if late < early or (same_day and late != early):
                        self._model.add(sum(self._visits(before, early)) + sum(self._visits(after, late)) <= 1)

    def add_counts(self) -> Any:
        """Bound the count rules; return the priced shortfall."""
        counts = self._problem.counts
        price: Any = 0
        for rule in range(len(counts.options)):
            lower, upper = int(counts.lower[rule]), int(counts.upper[rule])
            penalty = int(counts.shortfall_penalty[rule])
            members = counts.options[rule].tolist()
            for scope in self._scopes(members, by_day=bool(counts.per_day[rule])):
                visits = sum(self._taken[option] for option in scope if option in self._taken)
                self._model.add(visits <= upper)
                if lower and not penalty:
                    self._model.add(visits >= lower)
                elif lower:
                    missing = self._model.new_int_var(0, lower, "")
                    self._model.add(missing >= lower - visits)
                    price += penalty * missing
        return price

    def _scopes(self, members: list[int], *, by_day: bool) -> list[list[int]]:
        if not by_day:
            return [members]
        days = self._problem.option_day[members]
        return [[members[at] for at in np.flatnonzero(days == day)] for day in np.unique(days)]

    def add_capacities(self, use: Any) -> None:
        """
        Keep the resources.

        Parameters
        ----------
        use
            ``use[resource][day]``: expression of what the day's visits and arcs use; lodgings are added here.
        """
        resources = self._problem.resources
        for resource, capacity in enumerate(resources.capacity.tolist()):
            by_day = [use[resource][day] + self._night_use(resource, day) for day in range(self._problem.days)]
            for scope in by_day if resources.per_day[resource] else [sum(by_day)]:
                self._model.add(scope <= capacity)

    def _night_use(self, resource: int, day: int) -> Any:
        stays = np.flatnonzero(self._problem.lodgings.night == day).tolist()
        return sum(int(self._problem.resources.lodging_use[resource, stay]) * self._nights[stay] for stay in stays)

    def add_combinations(self) -> Any:
        """Let combinations be earned; return the bonuses."""
        combinations = self._problem.combinations
        bonuses: Any = 0
        for combination in range(combinations.bonus.size):
            left = set(combinations.left[combination].tolist())
            right = set(combinations.right[combination].tolist())
            scopes = range(self._problem.days) if combinations.same_day[combination] else [None]
            for day in scopes:
                seen = {group: self._seen(group, day) for group in left | right}
                earned = self._model.new_bool_var("")
                self._model.add(earned <= sum(seen[group] for group in left))
                self._model.add(earned <= sum(seen[group] for group in right))
                self._model.add(int(combinations.fewest[combination]) * earned <= sum(seen.values()))
                bonuses += int(combinations.bonus[combination]) * earned
        return bonuses

    def _seen(self, group: int, day: int | None) -> Any:
        """Return an expression that may be 1 only when the group is visited or slept in."""
        visits, stays = sum(self._visits(group, day)), self._stays(group, day)
        if len(stays) < 2:
            return visits + sum(stays)
        # Two nights in one group are one group seen.
        slept = self._model.new_bool_var("")
        self._model.add(slept <= sum(stays))
        return visits + slept

    def night_value(self) -> Any:
        """Return the lodgings' scores less the price of their yen."""
        lodgings = self._problem.lodgings
        value = lodgings.score - self._problem.weights.cost * lodgings.cost
        return sum(int(value[stay]) * self._nights[stay] for stay in range(value.size))

    def _visits(self, group: int, day: int | None = None) -> list[Any]:
        problem = self._problem
        chosen = problem.option_group == group
        if day is not None:
            chosen &= problem.option_day == day
        return [self._taken[option] for option in np.flatnonzero(chosen).tolist() if option in self._taken]

    def _stays(self, group: int, day: int | None = None) -> list[cp_model.IntVar]:
        chosen = self._problem.lodgings.group == group
        if day is not None:
            chosen &= self._problem.lodgings.night == day
        return [self._nights[stay] for stay in np.flatnonzero(chosen).tolist()]
