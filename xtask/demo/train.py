"""Trains XGBoost, as any user would, and writes down what came out.

    train.py --data FILE --make ROWS           makes the data, from a fixed seed
    train.py --data FILE --device cuda ...     trains and writes a report as JSON

Nothing here knows of Rigel. Progress goes to standard output, one line a round.
"""

import argparse
import hashlib
import json
import time
import warnings

import numpy as np
import xgboost as xgb
from sklearn.metrics import roc_auc_score

COLUMNS = 30
HELD_OUT_ROWS = 10_000
SEED = 20261122


def make(path, rows):
    """Two classes, told apart by steps, a product, a wave and a little noise.

    Well conditioned on purpose: what XGBoost learns from it hardly depends on how sums are rounded,
    so that two correct devices agree closely and a wrong one stands out.
    """
    rng = np.random.default_rng(SEED)
    total = rows + HELD_OUT_ROWS
    # Sixteenths: few enough values that every sketch of a column finds the same cut points.
    x = np.clip(np.round(16 * rng.normal(size=(total, COLUMNS))) / 16, -4, 4).astype(np.float32)
    score = 2 * (x[:, 0] > 0.3) + 1.5 * (x[:, 1] > -0.2) * (x[:, 2] > 0)
    score += 2 * (x[:, 3] < 0.5) - 1.5 * (x[:, 4] > 0)
    score += np.sin(2 * x[:, 5]) + 0.5 * x[:, 6] + 0.3 * x[:, 7] - 2.6
    y = score + 0.1 * rng.logistic(size=total) > 0
    np.savez(path, x=x, y=y.astype(np.int32))


class Progress(xgb.callback.TrainingCallback):
    """One line a round."""

    def __init__(self, rounds):
        self.rounds = rounds

    def after_iteration(self, model, epoch, evals_log):
        print(f"round {epoch + 1}/{self.rounds}", flush=True)
        return False


def train(arguments):
    with np.load(arguments.data) as data:
        x, y = data["x"], data["y"]
    split = len(y) - HELD_OUT_ROWS
    parameters = {
        "device": arguments.device,
        "tree_method": "hist",
        "objective": "binary:logistic",
        "max_depth": arguments.depth,
        "seed": SEED,
    }
    started = time.monotonic()
    rows = xgb.DMatrix(x[:split], y[:split])
    booster = xgb.train(parameters, rows, arguments.rounds, callbacks=[Progress(arguments.rounds)])
    trained = time.monotonic()
    predictions = booster.predict(xgb.DMatrix(x[split:]))
    ended = time.monotonic()
    config = json.loads(booster.save_config())
    # Which device trained is no part of the model.
    model = booster.save_raw(raw_format="ubj")
    return {
        "rows": split,
        "columns": COLUMNS,
        "rounds": booster.num_boosted_rounds(),
        "device": config["learner"]["generic_param"]["device"],
        "train_seconds": trained - started,
        "seconds": ended - started,
        "auc": float(roc_auc_score(y[split:], predictions)),
        "model_sha256": hashlib.sha256(bytes(model)).hexdigest(),
        "predictions_sha256": hashlib.sha256(predictions.tobytes()).hexdigest(),
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--make", type=int)
    parser.add_argument("--device")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--depth", type=int)
    parser.add_argument("--report")
    arguments = parser.parse_args()
    if arguments.make:
        make(arguments.data, arguments.make)
        return
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        report = train(arguments)
    report["warnings"] = [str(warning.message) for warning in caught]
    with open(arguments.report, "w", encoding="utf-8") as file:
        json.dump(report, file, indent=1)


main()
