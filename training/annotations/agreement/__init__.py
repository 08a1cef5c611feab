"""How far independent annotators agree: alpha by question, topic, target and pair, confusions, disputed passages."""

from training.annotations.agreement.alpha import bootstrap_alpha, masi_distance, nominal_distance
from training.annotations.agreement.questions import Agreement, measure_agreement
from training.annotations.agreement.summary import Summary, summarise_agreement

__all__ = [
    "Agreement",
    "Summary",
    "bootstrap_alpha",
    "masi_distance",
    "measure_agreement",
    "nominal_distance",
    "summarise_agreement",
]
