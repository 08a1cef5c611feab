"""Files of passages -> files of predictions: streaming, resumable, one line of JSON a row.

standpoint predict passages.jsonl --out predictions.jsonl --targets "the port levy"
"""

from standpoint.batch.prediction import load_champions, predict_file
from standpoint.batch.report import BatchReport

__all__ = ["BatchReport", "load_champions", "predict_file"]
