"""XGBoost on the device: two classes and several, with early stopping on a held-out part."""

import json

import numpy as np
import xgboost as xgb

from attest import attest, digest


def data(rows, columns, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, columns)).astype(np.float32)
    x[rng.random(size=x.shape) < 0.05] = np.nan
    score = np.nan_to_num(x) @ rng.normal(size=columns) + 0.3 * rng.normal(size=rows)
    return x, score


def main():
    x, score = data(4000, 12, seed=1)
    two = (score > 0).astype(int)
    many = np.digitize(score, np.quantile(score, [0.25, 0.5, 0.75]))
    for name, y, extra in [
        ("two", two, {"objective": "binary:logistic", "eval_metric": "logloss"}),
        ("many", many, {"objective": "multi:softprob", "num_class": 4, "eval_metric": "mlogloss"}),
    ]:
        train = xgb.QuantileDMatrix(x[:3000], y[:3000])
        held_out = xgb.QuantileDMatrix(x[3000:], y[3000:], ref=train)
        parameters = {"device": "cuda", "tree_method": "hist", "max_depth": 5, "eta": 0.3, **extra}
        history = {}
        booster = xgb.train(
            parameters,
            train,
            num_boost_round=12,
            evals=[(held_out, "held_out")],
            evals_result=history,
            early_stopping_rounds=5,
            verbose_eval=False,
        )
        config = json.loads(booster.save_config())
        assert config["learner"]["generic_param"]["device"] == "cuda:0"
        losses = next(iter(history["held_out"].values()))
        assert losses[-1] < losses[0], losses
        predictions = booster.predict(held_out)
        labels = (predictions > 0.5) if predictions.ndim == 1 else predictions.argmax(axis=1)
        accuracy = float((labels == y[3000:]).mean())
        assert accuracy > 0.5, accuracy
        rounds = booster.num_boosted_rounds()
        print(f"{name}: rounds {rounds}, accuracy {accuracy:.4f}, {digest(predictions)}")
    attest()


main()
