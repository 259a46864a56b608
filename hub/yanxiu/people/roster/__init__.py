"""Rosters: read a file with every defect there is, say what it would do, and do it.

``cells`` and ``read`` know files, ``check`` judges rows, ``match`` finds whom they mean,
``plan`` decides, ``apply`` writes; ``errorsheet`` and ``template`` are the files that go
back to the organizer, ``seed`` is what a site does at its start.

Imports nothing: ``cells`` runs as a program of its own and should start quickly.
"""
