"""An artifact as an MLflow model, logged as this file of code: loading it unpickles nothing.

model = mlflow.pyfunc.load_model("models:/standpoint-stance@champion")
model.predict(pandas.DataFrame({"text": ["..."], "target": ["NATO enlargement"]}))
"""

from __future__ import annotations

from typing import Any

import mlflow
import pandas as pd
from mlflow.pyfunc import PythonModel

from standpoint.encoding import compose
from standpoint.predictor import load_predictor


class StandpointModel(PythonModel):  # type: ignore[misc]
    """Answer a frame with a `text` column (and `target` for stance) by labels and a probability column a label."""

    def load_context(self, context: Any) -> None:
        self.predictor = load_predictor(context.artifacts["artifact"])

    def predict(self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:
        texts = [str(text) for text in model_input["text"]]
        if self.predictor.metadata.task == "topic":
            answers = self.predictor.topics(texts)
            return pd.DataFrame(
                [{"topics": ", ".join(answer.decided), **answer.probabilities} for answer in answers],
                columns=["topics", *self.predictor.metadata.labels],
            )
        targets = [str(target) for target in model_input["target"]]
        stances = self.predictor.stances_of([compose(t, target) for t, target in zip(texts, targets, strict=True)])
        return pd.DataFrame(
            [{"stance": answer.stance or "", **answer.probabilities} for answer in stances],
            columns=["stance", *self.predictor.metadata.labels],
        )


mlflow.models.set_model(StandpointModel())
