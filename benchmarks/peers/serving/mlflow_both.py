"""Both models as one MLflow model of code: `mlflow models serve` serves one model a server.

Logged with artifacts={"topic": DIR, "stance": DIR}; takes a frame with the columns text and target.
"""

from __future__ import annotations

from typing import Any

import mlflow
import pandas as pd
from mlflow.pyfunc import PythonModel

from standpoint.encoding import compose
from standpoint.predictor import load_predictor


class BothModels(PythonModel):  # type: ignore[misc]
    """Answer a frame by topics and the stance toward the target, with the probability of each label."""

    def load_context(self, context: Any) -> None:
        self.topic = load_predictor(context.artifacts["topic"])
        self.stance = load_predictor(context.artifacts["stance"])

    def predict(self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:
        texts, targets = model_input["text"].tolist(), model_input["target"].tolist()
        topics = self.topic.topics(texts)
        stances = self.stance.stances_of([compose(text, target) for text, target in zip(texts, targets, strict=True)])
        return pd.DataFrame(
            {"topics": ", ".join(a.decided), **a.probabilities, "stance": b.stance or "", **b.probabilities}
            for a, b in zip(topics, stances, strict=True)
        )


mlflow.models.set_model(BothModels())
