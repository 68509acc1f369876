"""The embedded engine: question in, ranked readings or a clarification out. No network, no randomness, no clock."""

from __future__ import annotations

import asyncio
from weakref import WeakKeyDictionary

from ...errors import DataAskError
from ...semantic.model import SemanticModel
from ...semantic.words import lemma
from ..engine import AskInput, Candidate, Candidates, Clarified, Reading
from .annotate import MAX_TOKENS, Annotator, tokenize
from .clarify import Clarifier
from .compose import Composer
from .dialect import Unsupported
from .explain import Reader
from .joins import Joins
from .narrow import Incomplete
from .parser import Parser
from .predicates import Unjoinable
from .rank import Ranked, rank
from .resolve import DIRECTIONS, Resolver
from .sqlgen import generate

MAX_CANDIDATES = 4
ANSWER_FROM = 0.5
"""Below this confidence the engine asks back instead of answering."""


class EmbeddedEngine:
    """Reads questions by rules and the schema alone.

    `show_ranking` adds what rows were ranked by to the result ("the airline with the most flights" shows how many);
    without it the result has exactly the columns that were asked for.
    """

    name = "embedded"

    def __init__(self, *, show_ranking: bool = True, answer_from: float = ANSWER_FROM) -> None:
        self.show_ranking = show_ranking
        self.answer_from = answer_from
        self._joins: WeakKeyDictionary[SemanticModel, Joins] = WeakKeyDictionary()

    async def read(self, question: AskInput) -> Reading:
        """Read a question in a thread: reading is pure computation."""
        return await asyncio.to_thread(self.read_now, question)

    async def repair(self, candidate: Candidate, error: DataAskError) -> Candidate | None:
        """The engine knows no other SQL for a reading; the pipeline takes the next reading."""
        return None

    def read_now(self, question: AskInput) -> Reading:
        """Read a question."""
        model = question.model
        joins = self._joins.get(model)
        if joins is None:
            joins = self._joins[model] = Joins(model)
        clarifier = Clarifier(question, joins)
        refused = clarifier.unreadable()
        if refused is not None:
            return Clarified(refused)
        tokens = tokenize(question.question)
        if len(tokens) > MAX_TOKENS:
            return Clarified(clarifier.too_long())
        annotator = Annotator(model, tokens, question.now)
        chunks = annotator.chunks()
        draft = Parser(chunks).parse()
        asked = clarifier.vague(draft, chunks)
        if asked is not None:
            return Clarified(asked)
        places = {c.place for c in draft.conds} & set(DIRECTIONS)
        said = frozenset(lemma(t.low) for t in tokens)
        said |= DIRECTIONS[places.pop()] if len(places) == 1 else frozenset()
        ranked: list[Ranked] = []
        open_part = ""
        for choice in Resolver(draft, model, joins).choices():
            composer = Composer(draft, choice, model, joins, ranking=self.show_ranking)
            try:
                query = composer.query()
                query.words = said
                made = generate(query, joins, question.dialect)
            except Incomplete as error:
                open_part = open_part or str(error)
                continue
            except (Unsupported, Unjoinable):
                continue
            if all(r.sql != made.sql for r in ranked):
                ranked.append(Ranked(choice, query, made.sql, made.steps, tuple(composer.notes), names=made.names))
        ranked = rank(ranked, draft, chunks, joins)[:MAX_CANDIDATES]
        if not ranked or ranked[0].confidence < self.answer_from:
            return Clarified(clarifier.ask(draft, chunks, ranked, open_part))
        reader = Reader(question, draft, chunks, joins)
        return Candidates(tuple(reader.candidate(r, ranked) for r in ranked))
