"""The process that carries tasks out: what comes by itself, and what people asked for.

``process`` is started by ``yanxiu up``; ``kinds`` is the one list of what there is to do, each
kind registered by the capability whose work it is. Engine and table: ``yanxiu.store.tasks``.
"""
