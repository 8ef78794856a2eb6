"""Looks at somebody's rows and proposes a task: what is asked, what is answered, how it is scored.

In the order of the work; a new format is a reader in the step that it belongs to:

1. Which files. `gather`: tables, and the split that each is. `folders`: rows spread over files.
   `heading`: which row of a table is its header. `loose`: rows that are no table, as CoNLL's.
2. Rows with cells. `trees`: rows anywhere in JSON, YAML, XML. `reading` applies the readers of nested
   rows until nothing changes: `shapes` (questions in rows), `annotations` (places, verdicts), `texts`
   (turns, pieces), `written` (objects as text); `shaping` is what they share.
3. What columns are. `profile`: what the cells are like. `hints`: what a name says. `structure`: options
   (`lettered`, too), tags, marks, pairs of texts. `codes`, `beside`: what codes mean, what lies beside.
4. The proposal. `columns`: what is asked, what is the answer; `telling`: which label the words tell.
   `scoring`: kind, labels, metric. `around`: ids, groups, splits, dates. `proposal` puts these together
   of `guess`es, and `drafting` writes the files.
"""
