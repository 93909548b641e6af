from __future__ import annotations

import numpy as np
import pytest

from pricing.estimation import recovery
from pricing.estimation.trials import Model


@pytest.mark.parametrize(("model", "seeds"), [("logit", 60), ("censored-sales", 60), ("latent-classes", 6)])
def test_intervals_hold_the_truth(model: Model, seeds: int) -> None:
    """Over all figures and seeds, 95 % intervals hold the truth about as often as they say."""
    found = recovery(model, seeds=seeds, first_seed=1000)
    assert 0.90 <= np.mean(list(found.shares.values())) <= 0.99
    assert min(found.shares.values()) >= (0.85 if seeds > 20 else 0.6)
