"""XGBoost on the device: regression through scikit-learn's interface, weights, constraints."""

import json

import numpy as np
import xgboost as xgb

from attest import attest, digest


def main():
    rng = np.random.default_rng(2)
    x = rng.uniform(-2, 2, size=(5000, 10)).astype(np.float32)
    y = np.sin(2 * x[:, 0]) + x[:, 1] * x[:, 2] + 0.5 * x[:, 3] + 0.1 * rng.normal(size=5000)
    weight = rng.uniform(0.5, 1.5, size=4000)
    for objective in ["reg:squarederror", "reg:pseudohubererror"]:
        model = xgb.XGBRegressor(
            n_estimators=20,
            max_depth=5,
            learning_rate=0.3,
            objective=objective,
            tree_method="hist",
            device="cuda",
            subsample=0.9,
            colsample_bytree=0.8,
            monotone_constraints=(0, 0, 0, 1, 0, 0, 0, 0, 0, 0),
            random_state=7,
        )
        model.fit(x[:4000], y[:4000], sample_weight=weight)
        config = json.loads(model.get_booster().save_config())
        assert config["learner"]["generic_param"]["device"] == "cuda:0"
        predictions = model.predict(x[4000:])
        rmse = float(np.sqrt(np.mean((predictions - y[4000:]) ** 2)))
        assert rmse < 0.6 * float(np.std(y[4000:])), rmse
        print(f"{objective}: rmse {rmse:.5f}, {digest(predictions)}")
    attest()


main()
