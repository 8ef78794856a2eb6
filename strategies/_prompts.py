"""Prompts to try, and other instructions for a task: variants, and what a model guesses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.models.base import Model
from harness.records.files import read_json, write_json
from harness.strategy.base import Renderer
from harness.strategy.context import Context
from harness.task.view import TaskView
from harness.types import Example, GenRequest, Prompt, Query, Sampling, Section

from .few_shot import shows

VARIANTS = {
    "en": (
        "{own} Give the answer alone.",
        "You are an expert in finance and insurance. {own}",
        "{own} Read every word before you answer.",
    ),
    "ko": (
        "{own} 답만 쓴다.",
        "당신은 금융과 보험 전문가이다. {own}",
        "{own} 모든 단어를 꼼꼼히 읽고 답한다.",
    ),
}
GUESS = {  # the template of Zhou et al. 2022 for forward generation
    "en": "I gave a friend an instruction and some inputs. The friend read the instruction and "
    "wrote an output for every one of the inputs. Here are the input-output pairs:\n\n{pairs}\n\n"
    "What was the instruction? Write it alone, in one sentence.",
    "ko": "친구에게 지시문 하나와 여러 입력을 주었다. 친구는 지시문을 읽고 입력마다 출력을 썼다. "
    "입력과 출력은 다음과 같다.\n\n{pairs}\n\n지시문은 무엇이었는가? 지시문만 한 문장으로 쓴다.",
}
CUE = {"en": "The instruction was:", "ko": "지시문:"}
LONGEST_INPUT, LONGEST, SHORTEST = 400, 64, 8  # characters, tokens, characters
TEMPERATURE = 0.8


@dataclass(frozen=True)
class Candidate:
    """A prompt that is tried."""

    instructions: str
    origin: str  # of the instructions: task, variant, file or model
    draw: int  # which draw of examples
    examples: list[dict[str, Any]]

    def told(self) -> dict[str, object]:
        """Returns it without the examples' texts."""
        k = len(self.examples)
        return {"instructions": self.instructions, "origin": self.origin, "k": k, "draw": self.draw}

    def length(self) -> int:
        """Returns its characters."""
        shown = (line["query"]["text"] + line["answer"] for line in self.examples)
        return len(self.instructions) + sum(map(len, shown))

    def renderer(self, task: TaskView) -> Renderer:
        """Puts its instructions in the place of the task's, and adds its examples."""
        add = shows(self.examples, task)
        head = (Section("instructions", self.instructions),) if self.instructions else ()

        def render(query: Query, prompt: Prompt) -> Prompt:
            rest = (each for each in prompt.sections if each.kind != "instructions")
            return add(query, replace(prompt, sections=(*head, *rest)))

        return render


def variants(task: TaskView) -> list[str]:
    """Returns the task's instructions said otherwise, in its language."""
    forms = VARIANTS[_language(task)]
    return [form.format(own=task.instructions).strip() for form in forms]


def guessed(
    context: Context, model: Model, rows: Sequence[Example], count: int, file: Path
) -> list[str]:
    """Lets a model guess the instructions from examples; what it guessed is kept in the file."""
    if not count or not rows:
        return []
    if not file.is_file():
        task, language = context.task, _language(context.task)
        pairs = "\n\n".join(
            f"{task.input_cue} {task.asked(row.query)[:LONGEST_INPUT]}\n{task.cue} {row.target}"
            for row in rows
        )
        question = Section("question", GUESS[language].format(pairs=pairs))
        prompt, seed = Prompt((question,), CUE[language], ""), context.stream("instructions") >> 1
        requests = [
            GenRequest(str(n), prompt, ("\n\n",), LONGEST, Sampling(TEMPERATURE, seed=seed + n))
            for n in range(count)
        ]
        with context.ledger.phase("tune") as spend:
            texts = {}
            for result in model.generate(requests):
                spend.usage.add(result.usage)
                texts[int(result.id)] = result.text.strip().strip('"').partition("\n")[0].strip()
            spend.count(requests=count)
            context.ledger.alive()
            write_json(file, [texts[n] for n in sorted(texts)])
    return [text for text in read_json(file) if len(text) >= SHORTEST]


def _language(task: TaskView) -> str:
    return task.language if task.language in VARIANTS else "en"
