"""XGBoost on the device: learning to rank, in groups of unequal size."""

import json

import numpy as np
import xgboost as xgb

from attest import attest, digest


def main():
    rng = np.random.default_rng(3)
    sizes = rng.integers(5, 40, size=120)
    rows = int(sizes.sum())
    groups = np.repeat(np.arange(len(sizes)), sizes)
    x = rng.normal(size=(rows, 8)).astype(np.float32)
    score = x @ rng.normal(size=8) + 0.3 * rng.normal(size=rows)
    y = np.digitize(score, np.quantile(score, [0.5, 0.75, 0.9]))
    train = xgb.QuantileDMatrix(x, y, qid=groups)
    history = {}
    booster = xgb.train(
        {
            "device": "cuda",
            "tree_method": "hist",
            "objective": "rank:ndcg",
            "eval_metric": "ndcg@8",
            "lambdarank_num_pair_per_sample": 8,
            "lambdarank_pair_method": "topk",
            "max_depth": 4,
        },
        train,
        num_boost_round=10,
        evals=[(train, "train")],
        evals_result=history,
        verbose_eval=False,
    )
    config = json.loads(booster.save_config())
    assert config["learner"]["generic_param"]["device"] == "cuda:0"
    ndcg = history["train"]["ndcg@8"]
    assert ndcg[-1] > ndcg[0] and ndcg[-1] > 0.8, ndcg
    print(f"rank:ndcg: {ndcg[0]:.5f} to {ndcg[-1]:.5f}, {digest(booster.predict(train))}")
    attest()


main()
