"""Measurements against peers, repeatable by anybody: ``python -m bench fanout|pipeline|ami|all``."""
