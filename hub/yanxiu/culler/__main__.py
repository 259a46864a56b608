"""Run the process: ``python -m yanxiu.culler``."""

from .process import main

main()
