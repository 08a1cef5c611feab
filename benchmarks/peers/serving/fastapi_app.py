"""Pipelines of transformers behind FastAPI, after its pages "Lifespan Events" and "Server Workers".

PEER_TOPIC=DIR PEER_STANCE=DIR PEER_THREADS=2 uvicorn --app-dir benchmarks/peers/serving fastapi_app:app --workers 1
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from pipelines import Models, load_models
from pydantic import BaseModel

loaded: dict[str, Models] = {}


class Passage(BaseModel):
    text: str
    targets: list[str] | None = None


class Request(BaseModel):
    passages: list[Passage]
    tasks: list[str]


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    loaded["models"] = load_models()
    yield


app = FastAPI(lifespan=lifespan)


@app.get("/health")
def health() -> dict[str, bool]:
    return {"ready": True}


# async, one request after the other: with `def`, in a thread each, as many at 16 connections and fewer at 64.
@app.post("/predict")
async def predict(request: Request) -> dict[str, Any]:
    return loaded["models"].answer([request.model_dump()])[0]
