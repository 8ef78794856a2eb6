"""A model behind an OpenAI-compatible server: a vendor's API, or a server of one's own.

names        which model, behind which server
model        rows become requests, answers become generations; the journal comes first
journal      what a server answered, on disk
client       one request: tries, pauses, the deadline of a row
throttle     how many at once
pace         how many a minute
batch        many at once, which may wait a day
jobs         a vendor's fine-tuning
guess        about how many tokens a request takes
requests     their bodies
likelihood   how likely a given answer is, where a server says it
parameters   what a server refuses of a request, renamed or left out
address      whether a host may be asked; Azure's form
failures     why there is no answer, and when that ends a run
reply        what an answer has to be like
wire         HTTP, bounded in time and size
"""

from harness.models.endpoint.client import KEY_VARIABLES
from harness.models.endpoint.failures import TOO_LONG
from harness.models.endpoint.model import EndpointModel, SpendLimit
from harness.models.endpoint.names import PREFIX, Endpoint, is_endpoint
from harness.models.endpoint.pace import Limits

__all__ = [
    "KEY_VARIABLES",
    "PREFIX",
    "TOO_LONG",
    "Endpoint",
    "EndpointModel",
    "Limits",
    "SpendLimit",
    "is_endpoint",
]
