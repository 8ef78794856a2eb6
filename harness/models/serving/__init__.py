"""Real programs that serve a model on this machine, with OpenAI's interface: started and stopped.

program      what each of them says of itself: its command, its environment, how it is installed
llama_cpp    llama.cpp, for a GGUF file
vllm         vLLM, for a folder
transformers_serve   `transformers serve`, for a folder
process      one of them as a process on loopback, from its start to its end

What is served is asked by `harness.models.endpoint`, as any other server.
"""

from harness.models.serving.process import PROGRAMS, Served, command_of, serving
from harness.models.serving.program import Settings

__all__ = ["PROGRAMS", "Served", "Settings", "command_of", "serving"]
