"""The one module that touches HiGHS: smallest covers, largest packings and their fractional bounds.

Limits are nodes, never seconds, and one thread works, so that equal input gives equal output on every machine.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import highspy
import numpy as np

_NODES = 10_000
_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The positions chosen, ascending; no choice costs less (covers) or brings more (packings) than `bound`."""

    positions: tuple[int, ...]
    value: float
    bound: float

    @property
    def is_optimal(self) -> bool:
        """Whether the choice is proven to be best."""
        return abs(self.value - self.bound) < _ROUNDING * max(1.0, abs(self.value))


def cover(
    sets: Sequence[Sequence[int]], elements: int, costs: Sequence[float] | None = None, *, nodes: int = _NODES
) -> Chosen:
    """Choose the cheapest sets that together hold every element 0..elements-1; each must be in one at least."""
    prices = np.ones(len(sets)) if costs is None else np.asarray(costs, dtype=np.float64)
    model = _model(sets, elements, prices, is_packing=False)
    return _solve(model, nodes)


def pack(sets: Sequence[Sequence[int]], elements: int, *, nodes: int = _NODES) -> Chosen:
    """Choose as many elements as possible, no two of them in one set."""
    return _solve(_model(sets, elements, np.ones(elements), is_packing=True), nodes)


def pack_fractionally(sets: Sequence[Sequence[int]], elements: int) -> list[float]:
    """Return weights of the elements, at most 1 in each set, of the greatest sum: a bound for every cover."""
    solver = _solver()
    solver.passModel(_model(sets, elements, np.ones(elements), is_packing=True, is_whole=False))
    solver.run()
    return list(solver.getSolution().col_value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """That the values of `columns` times `factors` come to at least `least`."""

    columns: tuple[int, ...]
    factors: tuple[int, ...]
    least: int


def meet(costs: Sequence[float], whole: int, demands: Sequence[Demand], *, nodes: int = _NODES) -> Chosen | None:
    """Choose values from 0 to 1 that meet the demands at least cost, the first `whole` of them 0 or 1.

    Costs may be negative. None when the limit ends the search before anything is found.
    """
    lengths = [len(demand.columns) for demand in demands]
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(costs), len(demands)
    model.col_cost_ = np.asarray(costs, dtype=np.float64)
    model.col_lower_, model.col_upper_ = np.zeros(len(costs)), np.ones(len(costs))
    model.row_lower_ = np.asarray([demand.least for demand in demands], dtype=np.float64)
    model.row_upper_ = np.full(len(demands), highspy.kHighsInf)
    matrix = model.a_matrix_
    matrix.format_ = highspy.MatrixFormat.kRowwise
    matrix.start_ = np.concatenate(([0], np.cumsum(lengths))).astype(np.int32)
    matrix.index_ = np.fromiter((c for d in demands for c in d.columns), dtype=np.int32, count=sum(lengths))
    matrix.value_ = np.fromiter((f for d in demands for f in d.factors), dtype=np.float64, count=sum(lengths))
    kinds = highspy.HighsVarType
    model.integrality_ = [kinds.kInteger] * whole + [kinds.kContinuous] * (len(costs) - whole)
    found = _solve(model, nodes)
    return found if np.isfinite(found.value) and found.positions is not None else None


def _model(
    sets: Sequence[Sequence[int]], elements: int, costs: np.ndarray, *, is_packing: bool, is_whole: bool = True
) -> highspy.HighsLp:
    """Return the covering model (a column per set) or the packing model (a column per element)."""
    lengths = np.fromiter((len(s) for s in sets), dtype=np.int32, count=len(sets))
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = (elements, len(sets)) if is_packing else (len(sets), elements)
    model.col_cost_ = costs
    model.col_lower_, model.col_upper_ = np.zeros(model.num_col_), np.ones(model.num_col_)
    model.row_lower_ = np.full(model.num_row_, -highspy.kHighsInf if is_packing else 1.0)
    model.row_upper_ = np.full(model.num_row_, 1.0 if is_packing else highspy.kHighsInf)
    matrix = model.a_matrix_
    matrix.format_ = highspy.MatrixFormat.kRowwise if is_packing else highspy.MatrixFormat.kColwise
    matrix.start_ = np.concatenate(([0], np.cumsum(lengths))).astype(np.int32)
    matrix.index_ = np.fromiter((e for s in sets for e in s), dtype=np.int32, count=int(lengths.sum()))
    matrix.value_ = np.ones(int(lengths.sum()))
    if is_packing:
        model.sense_ = highspy.ObjSense.kMaximize
    if is_whole:
        model.integrality_ = [highspy.HighsVarType.kInteger] * model.num_col_
    return model


def _solver() -> highspy.Highs:
    solver = highspy.Highs()  # type: ignore[no-untyped-call]  # it comes without types
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("random_seed", 0)
    return solver


def _solve(model: highspy.HighsLp, nodes: int) -> Chosen:
    solver = _solver()
    solver.setOptionValue("mip_max_nodes", nodes)
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.passModel(model)
    solver.run()
    info = solver.getInfo()
    values = np.asarray(solver.getSolution().col_value)
    bound = float(info.mip_dual_bound)
    return Chosen(
        positions=tuple(np.flatnonzero(values > 1 / 2).tolist()),
        value=float(info.objective_function_value),
        bound=bound,
    )
