"""Start teachers' servers: what any spawner asks before, and one spawner for this machine.

``hooks`` are plain functions that every spawner class of the hub can carry; ``limits`` and
``environment`` say what a server may use and is told (pure); ``spawner`` asks the sandbox launcher
of this machine for the process. Who ends servers is ``culler``'s.
"""
