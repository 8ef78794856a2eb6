"""Small tasks of lm-eval, and a cache of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from lm_tasks import write_tasks


@pytest.fixture(scope="module", autouse=True)
def cached(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keeps the rows that `datasets` reads out of the user's cache."""
    import datasets.config

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path_factory.mktemp("datasets"))
        yield


@pytest.fixture(scope="module")
def tasks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return write_tasks(tmp_path_factory.mktemp("tasks"))
