"""Trying expressions."""

from fastapi import APIRouter

from accord.api.callers import AsReader
from accord.api.v1.administration.desks import looking
from accord.operations.administration import expression_tests as op

router = APIRouter(prefix="/api/v1/synchronisation", tags=["Synchronisation rules"])


@router.post("/test-expression")
def test_expression(door: AsReader, body: op.ExpressionTest) -> op.ExpressionResult:
    """Return what an expression gives for made-up values, or where its mistake is."""
    with looking(door) as desk:
        return op.try_expression(desk, body)
