# mypy: disallow-untyped-decorators=False
# mypy: disable-error-code="no-any-return"
"""Branch and bound over one label per group, under the bound that messages leave behind."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from solvers.compiling import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.qubo._labels import Labels
    from solvers.qubo._messages import Messages

STEPS_PER_EFFORT: Final = 200_000_000
"""Labels looked at in about a second, which is about one unit of CP-SAT's deterministic time."""

STEPS_PER_LOOK: Final = 10_000_000
"""Steps between two looks at the clock."""


class Tree(NamedTuple):
    """
    Hold a search that can be gone on with.

    Parameters
    ----------
    message
        Shape ``(G, N)``, int64: messages under which no pair is worth more than nothing beyond them.
    worth
        Shape ``(G + 1, N)``, int64: at each depth, worth of the labels of open groups beside the labels chosen.
    is_closed
        Shape ``(G + 1, N)``, bool: labels that break a rule beside the labels chosen, or were tried.
    top
        Shape ``(G + 1, G)``, int64: most worth of each open group.
    left
        Shape ``(G + 1, R)``, int64: capacity left.
    fixed, bound, branch
        Shape ``(G + 1,)``, int64: worth of the labels chosen, bound on all that lies below, and the group whose labels
        are tried.
    choice, best
        Shape ``(G,)``, int64: labels chosen, -1 where open; best choice found.
    progress
        Shape ``(3,)``, int64: depth, -1 at the end; what a choice must exceed; steps taken.
    """

    message: NDArray[np.int64]
    worth: NDArray[np.int64]
    is_closed: NDArray[np.bool_]
    top: NDArray[np.int64]
    left: NDArray[np.int64]
    fixed: NDArray[np.int64]
    bound: NDArray[np.int64]
    branch: NDArray[np.int64]
    choice: NDArray[np.int64]
    best: NDArray[np.int64]
    progress: NDArray[np.int64]


def plant(labels: Labels, messages: Messages, best: NDArray[np.int64]) -> Tree:
    """
    Return a search for choices that are better than one in hand.

    Parameters
    ----------
    labels
        The problem.
    messages
        Its messages.
    best
        Shape ``(G,)``, int64: labels of the choice in hand.
    """
    groups, many = messages.message.shape
    resources = len(labels.capacity)
    tree = Tree(
        messages.message,
        np.zeros((groups + 1, many), np.int64),
        np.zeros((groups + 1, many), np.bool_),
        np.zeros((groups + 1, groups), np.int64),
        np.zeros((groups + 1, resources), np.int64),
        np.zeros(groups + 1, np.int64),
        np.zeros(groups + 1, np.int64),
        np.zeros(groups + 1, np.int64),
        np.full(groups, -1, np.int64),
        best.copy(),
        np.zeros(3, np.int64),
    )
    tree.worth[0] = messages.worth
    tree.is_closed[0] = (labels.use > labels.capacity[:, None]).any(axis=0)
    tree.left[0] = labels.capacity
    tree.progress[1] = labels.worth_of(best) + labels.scale - 1
    _open_node(labels, tree, 0)
    return tree


def grow(labels: Labels, tree: Tree, *, effort: float | None, until: float | None) -> int:
    """
    Go on with a search until it ends or a limit is reached; return a bound, times the scale of the labels.

    Parameters
    ----------
    labels, tree
        The problem and the search.
    effort
        Limit in units of `STEPS_PER_EFFORT` looks at a label.
    until
        Limit on the clock of `perf_counter`.
    """
    last = None if effort is None else tree.progress[2] + round(effort * STEPS_PER_EFFORT)
    while True:
        steps = STEPS_PER_LOOK if last is None else min(STEPS_PER_LOOK, last - tree.progress[2])
        bound = int(search(labels, tree, steps))
        is_spent = last is not None and tree.progress[2] >= last
        if tree.progress[0] < 0 or is_spent or (until is not None and perf_counter() > until):
            return bound


@compiled
def search(labels: Labels, tree: Tree, most_steps: int) -> int:
    """
    Go on with a search until it ends or has looked at so many labels; return a bound, times the scale of the labels.

    At each node comes the group with the fewest labels that could still be part of a better choice, and its labels in
    the order of their worth. A node costs a look at one row of the table.
    """
    groups = labels.start.size - 1
    worth, branch, choice, progress = tree.worth, tree.branch, tree.choice, tree.progress
    until = progress[2] + most_steps
    while progress[0] >= 0 and progress[2] < until:
        depth = progress[0]
        group = branch[depth]
        label = _next_label(labels, tree, depth)
        if label < 0 or tree.bound[depth] - tree.top[depth, group] + worth[depth, label] <= progress[1]:
            progress[0] -= 1
            choice[branch[depth - 1]] = -1
            continue
        tree.is_closed[depth, label] = True
        choice[group] = label
        tree.fixed[depth + 1] = tree.fixed[depth] + worth[depth, label]
        if depth + 1 == groups:
            # Objectives are whole: the next one must be better by a whole unit.
            progress[1] = tree.fixed[depth + 1] + labels.scale - 1
            for any_group in range(groups):
                tree.best[any_group] = choice[any_group]
            choice[group] = -1
            continue
        _look_ahead(labels, tree, depth, group)
        progress[0] += 1
        _open_node(labels, tree, depth + 1)
    return _bound_of(labels, tree)


@compiled
def _open_node(labels: Labels, tree: Tree, depth: int) -> None:
    """Tell the node's bound, and branch on the group with the fewest labels within reach."""
    start, choice = labels.start, tree.choice
    worth, is_closed, top = tree.worth[depth], tree.is_closed[depth], tree.top[depth]
    bound = tree.fixed[depth]
    for group in range(choice.size):
        if choice[group] < 0:
            # None of its items is always open.
            top[group] = worth[start[group]]
            for label in range(start[group] + 1, start[group + 1]):
                if not is_closed[label]:
                    top[group] = max(top[group], worth[label])
            bound += top[group]
    fewest = worth.size + 1
    for group in range(choice.size):
        if choice[group] < 0:
            least = tree.progress[1] - bound + top[group]
            within_reach = 0
            for label in range(start[group], start[group + 1]):
                within_reach += not is_closed[label] and worth[label] > least
            if within_reach < fewest:
                fewest = within_reach
                tree.branch[depth] = group
    tree.bound[depth] = bound


@compiled
def _next_label(labels: Labels, tree: Tree, depth: int) -> int:
    """Return the label of most worth that was not tried; -1 where there is none."""
    group = tree.branch[depth]
    worth, is_closed = tree.worth[depth], tree.is_closed[depth]
    found = -1
    for label in range(labels.start[group], labels.start[group + 1]):
        if not is_closed[label] and (found < 0 or worth[label] > worth[found]):
            found = label
    return found


@compiled
def _look_ahead(labels: Labels, tree: Tree, depth: int, group: int) -> None:
    """Write what labels of open groups are worth beside the label just chosen, and what capacity it leaves."""
    label = tree.choice[group]
    here, below, left = tree.worth[depth], tree.worth[depth + 1], tree.left[depth + 1]
    for resource in range(left.size):
        left[resource] = tree.left[depth, resource] - labels.use[resource, label]
    for other in range(tree.choice.size):
        if tree.choice[other] >= 0:
            continue
        first, last = labels.start[other], labels.start[other + 1]
        tree.progress[2] += last - first
        is_linked = labels.linked[group, other]
        message = tree.message[other, label]
        for partner in range(first, last):
            below[partner] = here[partner]
            closed = tree.is_closed[depth, partner]
            if is_linked:
                below[partner] += labels.table[label, partner] - tree.message[group, partner] - message
                closed |= labels.table[label, partner] == labels.never
            for resource in range(left.size):
                closed |= labels.use[resource, partner] > left[resource]
            tree.is_closed[depth + 1, partner] = closed


@compiled
def _bound_of(labels: Labels, tree: Tree) -> int:
    """Return a bound: on the best choice found, and on all labels not tried yet."""
    most = tree.progress[1] - labels.scale + 1
    for depth in range(tree.progress[0] + 1):
        label = _next_label(labels, tree, depth)
        if label >= 0:
            most = max(most, tree.bound[depth] - tree.top[depth, tree.branch[depth]] + tree.worth[depth, label])
    return most
