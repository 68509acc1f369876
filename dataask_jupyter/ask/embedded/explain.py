"""Says what was understood: the sentence above an answer, the assumptions, hints for the chart, what to ask next."""

from __future__ import annotations

import re
from typing import Literal

from ...charts.hints import ChartHints
from ...schemas.conversations import Assumption, Choice, Confidence
from ...semantic.words import lemma, plural
from ..engine import AskInput, Candidate
from ..suggest import groups
from .chunks import Chunk, DateRange
from .doubts import doubts
from .draft import Draft
from .form import Expression, Field, Measure, Query, Sub, Test
from .joins import Joins, Step
from .labels import column_label, measure_label, table_label
from .rank import HIGH, SOME, Ranked, open_roles
from .resolve import Ignored

_OPS = {
    ">": "over", "<": "under", ">=": "at least", "<=": "at most", "=": "", "!=": "not", "like": "containing",
    "notlike": "not containing", "starts": "starting with", "ends": "ending with", "between": "between",
}  # fmt: skip
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December")  # fmt: skip


class Reader:
    """Turns ranked readings into candidates."""

    def __init__(self, question: AskInput, draft: Draft, chunks: list[Chunk], joins: Joins) -> None:
        self.question = question
        self.draft = draft
        self.chunks = chunks
        self.joins = joins
        self.model = question.model

    def candidate(self, ranked: Ranked, all_ranked: list[Ranked]) -> Candidate:
        """The candidate of a reading."""
        understood = self.understood(ranked.query)
        return Candidate(
            sql=ranked.sql,
            understood=understood,
            confidence=Confidence(level=level(ranked.confidence), score=ranked.confidence, reasons=reasons_of(ranked)),
            assumptions=tuple(self.assumptions(ranked)),
            tables=tuple(self.tables(ranked)),
            chart_hints=self.hints(ranked, understood),
            suggestions=tuple(self.suggestions(ranked.query)),
            found=self.found(ranked),
        )

    def tables(self, ranked: Ranked) -> list[str]:
        """The tables that take part, the one that is counted or measured first."""
        first = ranked.steps[0].source if ranked.steps else ranked.query.root.id
        found = [first, *[s.target for s in ranked.steps], *[m.target.id for m in ranked.query.missing]]
        return list(dict.fromkeys(found))

    # ---- Words -------------------------------------------------------------------------------------------------------

    def understood(self, query: Query) -> str:
        """The query in words: "Average departure delay by carrier, June, top 5"."""
        shown = [self.words(o.expression) for o in query.outputs]
        groups = [f for f in query.groups if any(o.expression == f for o in query.outputs)]
        measures = [o for o in query.outputs if isinstance(o.expression, Measure)]
        limited = query.limit is not None and bool(query.sorts)
        if query.star:
            head = f"all columns of {plural(query.root.label)}"
        elif measures and groups and not (limited and not self._measured_first(query)):
            head = (
                f"{_listed([self.words(o.expression) for o in measures])} by {_listed([self.words(g) for g in groups])}"
            )
        elif limited and groups and not query.having:
            head = _listed([self.words(o.expression) for o in query.outputs if isinstance(o.expression, Field)])
        else:
            head = _listed(shown)
            if (not measures and query.root.label not in head) or (
                measures and not any(query.root.label in self.words(m.expression) for m in measures)
            ):
                head = f"{head} of {plural(query.root.label)}"
        parts = [("different " if query.distinct else "") + head]
        parts += [" or ".join(self.test(t) for t in group) for group in query.tests]
        parts += ["both " + " and ".join(self.test(t) for t in both) for both in query.also]
        for absence in query.missing:
            inner = ", ".join(self.test(t) for g in absence.tests for t in g)
            joint = "with" if absence.present else "without"
            parts.append(f"{joint} {plural(absence.target.label)}" + (f" ({inner})" if inner else ""))
        parts += [self.test(t) for t in query.having]
        if query.sorts and (query.limit is not None or self.draft.orders):
            parts.append(self.order(query))
        text = ", ".join(p for p in parts if p)
        return text[:1].upper() + text[1:]

    def _measured_first(self, query: Query) -> bool:
        return query.limit is None

    def words(self, expression: Expression) -> str:
        """An expression in words."""
        if isinstance(expression, Measure):
            return measure_label(expression, self.model)
        return expression.grain or expression.part or column_label(expression.column, self.model)

    def test(self, test: Test) -> str:
        """A condition in words."""
        left = self.words(test.left)
        if test.op in ("null", "notnull"):
            return f"{'no' if test.op == 'null' else 'a known'} {left}"
        value = test.value
        if isinstance(value, DateRange):
            before = {"<": "before ", ">": "after ", ">=": "since ", "<=": "until ", "!=": "not in "}.get(test.op, "")
            label = value.label or str(value.number)
            if value.part == "month" and value.number:
                label = _MONTHS[value.number // 100 - 1]
            if test.op == "between" and test.upper is not None:
                label = f"{value.number} to {_number(test.upper)}"
            return f"{before}{label}"
        if isinstance(value, Sub):
            return (
                f"{left} {_OPS.get(test.op, '')} the {measure_label(Measure(value.aggregate, value.field), self.model)}"
            )
        if isinstance(value, Field):
            return f"{left} {_OPS.get(test.op, '')} {value.column.label}"
        if isinstance(value, tuple):
            return f"{left} {'not ' if test.op == '!=' else ''}{_listed(list(value), 'or')}"
        if isinstance(value, bool):
            return left if value else f"not {left}"
        if isinstance(value, (int, float)):
            if test.op == "between" and test.upper is not None:
                return f"{left} between {_number(value)} and {_number(test.upper)}"
            return f"{left} {_OPS.get(test.op, '')} {_number(value)}".replace("  ", " ")
        return f"{left} {_OPS.get(test.op, '')} {value}".replace("  ", " ")

    def order(self, query: Query) -> str:
        """The sort in words."""
        keys = [self.words(s.expression) for s in query.sorts]
        if query.limit is not None:
            end = "highest" if query.sorts[0].descending else "lowest"
            number = "" if query.limit == 1 else f"{query.limit} "
            return f"the {number}{end} by {_listed(keys)}"
        direction = " from high to low" if query.sorts[0].descending else ""
        return f"sorted by {_listed(keys)}{direction}"

    # ---- Assumptions -------------------------------------------------------------------------------------------------

    def assumptions(self, ranked: Ranked) -> list[Assumption]:
        """What was taken for granted."""
        query = ranked.query
        found = doubts(self.question.question, self.draft, ranked.choice, self.model)
        doubted = {a.label for a in found}
        for kind, what, value in ranked.notes:
            if kind in ("status", "not status"):
                found.append(Assumption(kind="filter", label=what.capitalize(), value=f"no {value}", guess=True))
            elif kind == "unit":
                found.append(
                    Assumption(kind="measure", label=what.capitalize(), value=f"is in {value}", guess=True,
                               choices=self._unit_choices())
                )  # fmt: skip
            elif kind == "time":
                found.append(Assumption(kind="time", label=value[:1].upper() + value[1:], value=f"by {what}"))
            elif kind == "filter":
                found.append(Assumption(kind="filter", label=what.capitalize(), value=value))
        for expression in [o.expression for o in query.outputs] + [s.expression for s in query.sorts]:
            if isinstance(expression, Measure) and expression.field is not None and expression.aggregate != "count":
                name = expression.field.column.name
                words = {"avg": "average", "sum": "sum", "min": "minimum", "max": "maximum"}.get(
                    expression.aggregate, expression.aggregate
                )
                made = Assumption(kind="measure", label=expression.field.column.label.capitalize(),
                                  value=f"{words} of {name}")  # fmt: skip
                if made not in found and not (doubted and "assumed_average" in self.draft.notes):
                    found.append(made)
        for group in query.tests:
            for test in group:
                if isinstance(test.left, Field) and not isinstance(test.value, Sub):
                    made = Assumption(
                        kind="filter",
                        label=column_label(test.left.column, self.model).capitalize(),
                        value=self.test(test),
                    )
                    said = isinstance(test.value, DateRange) or test.op in ("null", "notnull")
                    if not said and made.label not in doubted:
                        found.append(made)
        if "default_top" in self.draft.notes and query.limit:
            found.append(Assumption(kind="limit", label="Top", value=str(query.limit), guess=True))
        guessed = open_roles(ranked, self.joins)
        for step in guessed:
            relationship = step.relationship
            found.append(
                Assumption(
                    kind="join",
                    label=table_label(self.model.tables[relationship.target].label).capitalize(),
                    value=f"by {self.model.column(relationship.table, relationship.columns[0]).label}",
                    guess=True,
                    choices=self._role_choices(step),
                )
            )
        for step in ranked.steps:
            relationship = step.relationship
            if step not in guessed and not relationship.declared:
                found.append(
                    Assumption(
                        kind="join",
                        label=f"{relationship.table} to {relationship.target}",
                        value=f"on {', '.join(relationship.columns)} = {', '.join(relationship.target_columns)}",
                        guess=relationship.confidence < 0.85,
                    )
                )
        return found[:8]

    def _role_choices(self, step: Step) -> list[Choice]:
        """The same question with the role said."""
        target = lemma(self.model.tables[step.target if not step.fans else step.source].label.split()[-1])
        choices: list[Choice] = []
        for relationship in self.joins.roles(step):
            label = self.model.column(relationship.table, relationship.columns[0]).label.removesuffix(" id")
            text = self.question.question
            for match in re.finditer(r"\w+", text):
                if lemma(match.group()) == target:
                    rest = label.removesuffix(f" {target}")
                    asked = f"{text[: match.start()]}{rest} {text[match.start() :]}"
                    choices.append(Choice(label=label.capitalize(), question=asked))
                    break
        return choices

    def _unit_choices(self) -> list[Choice]:
        """The same question with the number as it stands in the column."""
        text = self.question.question
        for unit in ("hours", "hour"):
            if f" {unit}" in text:
                bare = text.replace(f" {unit}", "", 1)
                return [Choice(label="Compare the number as it is", question=bare)]
        return []

    def found(self, ranked: Ranked) -> str:
        """The step that says where the data are."""
        tables = self.tables(ranked)
        text = f"Found {_listed(tables)}"
        if ranked.steps:
            joins = [f"{s.relationship.table}.{s.relationship.columns[0]}" for s in ranked.steps]
            text += f", joined on {_listed(list(dict.fromkeys(joins)))}"
        return text

    # ---- Chart, next questions ---------------------------------------------------------------------------------------

    def hints(self, ranked: Ranked, understood: str) -> ChartHints:
        """What the chart rules can't see in the rows."""
        query = ranked.query
        measures: dict[str, str] = {}
        axis: str | None = None
        additive = True
        statuses = [word for kind, word, *_ in ranked.notes if kind == "status"]
        for name, output in zip(ranked.names, query.outputs, strict=False):
            expression = output.expression
            if isinstance(expression, Measure):
                measures[name] = _with_status(measure_label(expression, self.model), statuses)
                additive = additive and expression.aggregate in ("count", "sum")
            elif not query.groups and expression.column.role == "measure":
                measures[name] = expression.column.label
            elif axis is None and (expression.grain or expression.part or expression.column.part):
                axis = name
        return ChartHints(
            title=_with_status(understood.split(", ")[0], statuses),
            wanted=self.draft.chart,
            share=any(o.share for o in query.outputs),
            measure_labels=measures,
            x=axis,
            ids=frozenset(f.column.name for f in query.fields() if f.column.role == "key" and not query.groups),
            additive=additive,
        )

    def suggestions(self, query: Query) -> list[str]:
        """Questions that could come next: another grouping, over time, the top."""
        measures = [o.expression for o in query.outputs if isinstance(o.expression, Measure)]
        if not measures:
            return [f"Number of {plural(query.root.label)}"]
        label = measure_label(measures[0], self.model)
        label = label[:1].upper() + label[1:]
        grouped = {g.column.name for g in query.groups}
        options: list[str] = []
        table = query.root
        dimensions = [c for c in table.columns if groups(c) and c.name not in grouped]
        options += [f"{label} by {column_label(c, self.model)}" for c in dimensions[:2]]
        timed = table.time or any(c.part == "month" for c in table.columns)
        if timed and not any(g.grain or g.column.part for g in query.groups):
            options.append(f"{label} per month")
        if query.groups and query.limit is None and not (query.groups[-1].grain or query.groups[-1].column.part):
            options.append(
                f"Top 5 {plural(column_label(query.groups[-1].column, self.model))} by {label[:1].lower() + label[1:]}"
            )
        return options[:3]


def level(score: float) -> Literal["high", "some", "low"]:
    """The confidence's level."""
    return "high" if score >= HIGH else "some" if score >= SOME else "low"


def reasons_of(ranked: Ranked) -> list[str]:
    """Why the reading is as sure as it is; where nothing speaks against it, what speaks for it."""
    if ranked.reasons:
        return ranked.reasons
    senses = [s for s in ranked.choice.senses.values() if not isinstance(s, Ignored)]
    reasons = ["Every word of the question was found in the data"]
    if senses and all(s.how == "exact" for s in senses):
        reasons = ["All names match tables, columns or values exactly"]
    if ranked.steps and all(s.relationship.declared for s in ranked.steps):
        reasons.append("The tables are joined on declared keys")
    return reasons


def _with_status(label: str, statuses: list[str]) -> str:
    """`number of cancelled flights`, where only such rows were counted."""
    counted = "number of "
    start = label.lower().find(counted)
    if not statuses or start < 0:
        return label
    return f"{label[: start + len(counted)]}{' and '.join(statuses)} {label[start + len(counted) :]}"


def _listed(names: list[str], joint: str = "and") -> str:
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {joint} {names[-1]}"


def _number(value: float) -> str:
    return f"{int(value):,}" if value == int(value) else f"{value:,}"
