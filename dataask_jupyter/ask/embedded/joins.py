"""Join paths over the relationship graph, and what they do to the grain."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from ...semantic.model import Relationship, SemanticModel, TableModel

MAX_HOPS = 5
FAR = 99.0


@dataclass(frozen=True)
class Step:
    """One join: from a table already there to a new one. `fans` when that multiplies rows."""

    relationship: Relationship
    source: str
    target: str
    fans: bool


def role_words(relationship: Relationship, model: SemanticModel) -> frozenset[str]:
    """The words that tell this relationship from others between the same tables."""
    column = model.column(relationship.table, relationship.columns[0])
    target = {w for name in model.tables[relationship.target].names for w in name.words}
    return frozenset(w for name in column.names for w in name.words) - target - {"id", "code", "key"}


class Joins:
    """Shortest paths of one model, remembered."""

    def __init__(self, model: SemanticModel) -> None:
        self.model = model
        self._from = lru_cache(maxsize=512)(self._search)

    def _search(self, start: str) -> dict[str, tuple[float, tuple[Step, ...]]]:
        """The cheapest path to every table within reach. Inferred relationships cost more than declared ones."""
        best: dict[str, tuple[float, tuple[Step, ...]]] = {start: (0.0, ())}
        queue: deque[str] = deque([start])
        while queue:
            here = queue.popleft()
            cost, path = best[here]
            if len(path) >= MAX_HOPS:
                continue
            for relationship in self.model.neighbours.get(here, ()):
                down = relationship.table == here
                there = relationship.target if down else relationship.table
                if there == here:
                    continue
                total = cost + 1.0 + (1 - relationship.confidence)
                # Up to a parent and down to another child relates rows only loosely.
                if path and not down and not path[-1].fans:
                    total += 0.4
                if there not in best or total < best[there][0] - 1e-9:
                    step = Step(relationship, here, there, fans=not down)
                    best[there] = (total, (*path, step))
                    queue.append(there)
        return best

    def distance(self, start: str, end: str) -> float:
        """The cost of joining two tables, `FAR` when nothing joins them."""
        return self._from(start).get(end, (FAR, ()))[0]

    def path(self, start: str, end: str) -> tuple[Step, ...] | None:
        """The joins from one table to another."""
        found = self._from(start).get(end)
        return found[1] if found else None

    def roles(self, step: Step) -> list[Relationship]:
        """All relationships that could make this step: a game's home team and its away team."""
        made = step.relationship
        return [
            r for r in self.model.neighbours.get(made.table, ()) if (r.table, r.target) == (made.table, made.target)
        ]

    def in_role(
        self, step: Step, words: frozenset[str], shown: frozenset[tuple[str, str]], fixed: frozenset[tuple[str, str]]
    ) -> Step:
        """The step in the role that the question names, if it names one.

        "Neighbours of X" shows one end of a relationship and names X as the other: then the other role joins.
        """
        roles = self.roles(step)
        if len(roles) < 2:
            return step
        ends = [r for r in roles if (r.table, r.columns[0]) in shown]
        ends = ends if ends and all(table != ends[0].target for table, _ in shown) else []
        ends = ends or [r for r in roles if (r.table, r.columns[0]) in fixed]
        if len(roles) == 2 and len(ends) == 1:
            other = next(r for r in roles if r is not ends[0])
            return Step(other, step.source, step.target, step.fans)
        named = [r for r in roles if words & role_words(r, self.model)]
        if len(named) != 1:
            return step
        return Step(named[0], step.source, step.target, step.fans)

    def nearest(self, used: Iterable[str], end: str) -> float:
        """The cost of adding a table to those used."""
        return min((self.distance(u, end) for u in used), default=0.0)

    def tree(self, root: TableModel, tables: Iterable[TableModel]) -> list[Step] | None:
        """The joins that bring all tables to the root; None when one can't be reached."""
        here = [root.id]
        steps: list[Step] = []
        waiting = [t.id for t in tables if t.id != root.id]
        while waiting:
            cost, start, end = min(((self.distance(h, w), h, w) for w in waiting for h in here), key=lambda c: c[0])
            if cost >= FAR:
                return None
            for step in self.path(start, end) or ():
                if step.target not in here:
                    here.append(step.target)
                    steps.append(step)
            waiting = [w for w in waiting if w not in here]
        return steps
