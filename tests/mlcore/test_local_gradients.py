"""The local gradients of a batch."""

import numpy as np
import pytest
from hypothesis import given

import mlcore
from tests.mlcore.cases import OUTPUTS, case, cases


@given(cases(l2=False))
def test_local_gradients_are_those_of_explain(given_case):
    net, X, y, _ = given_case
    batch = mlcore.local_gradients(net, X, y)
    for i in range(len(X)):
        last = mlcore.explain(net, X[i], y[i]).layers[-1]
        assert batch.da_dz[i] == pytest.approx(last.da_dz, rel=1e-9, abs=1e-14)
        assert batch.dL_dW[i] == pytest.approx(last.dL_dW, rel=1e-9, abs=1e-14)
    assert batch.dL_dW.mean(axis=0) == pytest.approx(net.gradients(X, y).dW[-1], rel=1e-9, abs=1e-14)


def test_local_gradients_keep_the_dtype_and_take_pixels():
    for dtype in ("float32", "float64"):
        for output in OUTPUTS:
            net, _, y, _ = case((4, 3), output=output, dtype=dtype)
            pixels = np.arange(24, dtype=np.uint8).reshape(6, 4)
            found = mlcore.local_gradients(net, pixels, y)
            assert {array.dtype for array in found} == {np.dtype(dtype)}
            c = net.sizes[-1]
            assert (found.da_dz.shape, found.dL_dW.shape) == ((6, c, c), (6, c, 4))
            for i in range(6):
                last = mlcore.explain(net, pixels[i], y[i]).layers[-1]
                assert found.dL_dW[i] == pytest.approx(last.dL_dW, rel=1e-4, abs=1e-6)
                assert found.da_dz[i] == pytest.approx(last.da_dz, rel=1e-4, abs=1e-6)
