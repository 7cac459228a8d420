"""Loads for chat servers, side by side in one run; see docs/performance.md."""
