"""Tests of protocol/server/."""
