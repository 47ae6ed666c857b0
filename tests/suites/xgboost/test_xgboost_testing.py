"""The checks of `xgboost.testing`, each on the GPU.

The wheel ships the bodies of XGBoost's own tests as functions `check_*` and `run_*` that take a device.
This file only calls them: every one whose further parameters have known values, with each of those.
"""

import importlib
import inspect
import itertools
import pkgutil

import pytest
import xgboost
import xgboost.testing

# What the project's own tests pass for these parameters.
VALUES = {
    "device": ["cuda"],
    "tree_method": ["hist"],
    "weighted": [False, True],
    "is_cuda": [True],
    "use_cupy": [False],
    "on_host": [False, True],
    "is_ranker": [False],
    "n_samples": [100, 1000],
    "learning_rate": [None, 0.5],
    "sampling_method": ["uniform", "gradient_based"],
    "grow_policy": ["depthwise", "lossguide"],
    "DMatrixT": [xgboost.DMatrix, xgboost.QuantileDMatrix],
    "tdevice": ["cuda"],
}

# They start clusters or servers, draw pictures, or want data in CuPy and cuDF; no matter of the device.
LEFT_OUT = {"dask", "federated", "plotting", "collective", "data_iter", "ordinal"}


def checks():
    """Every check with every combination of its parameters' values."""
    for module in pkgutil.iter_modules(xgboost.testing.__path__):
        if module.name in LEFT_OUT:
            continue
        module = importlib.import_module(f"xgboost.testing.{module.name}")
        for name, function in sorted(vars(module).items()):
            own = inspect.isfunction(function) and function.__module__ == module.__name__
            if not own or not name.startswith(("check_", "run_")):
                continue
            parameters = inspect.signature(function).parameters.values()
            names = [it.name for it in parameters if it.default is it.empty or it.name in VALUES]
            if "device" not in names or not all(name in VALUES for name in names):
                continue
            for values in itertools.product(*(VALUES[name] for name in names)):
                words = (getattr(value, "__name__", str(value)) for value in values)
                case = f"{module.__name__.rsplit('.', 1)[-1]}.{name}[{','.join(words)}]"
                yield pytest.param(function, dict(zip(names, values)), id=case)


@pytest.mark.parametrize("check, arguments", checks())
def test_check(check, arguments):
    check(**arguments)
