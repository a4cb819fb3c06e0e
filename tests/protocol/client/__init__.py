"""Tests of protocol/client/."""
