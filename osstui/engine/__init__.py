"""The engine: a job goes in, stamped events come out. Only this room opens sockets, reads keys and the clock.

How a prompt travels: `core` takes the job → a `lane` for each host, retried and given up there → its dialect
builds the request, `address` adds where it goes and the key → `pool` opens the connections → all lanes wait
for each other at the `gate` → `wire` sends, and stamps what comes back → `framing` and `sse` cut it, the
dialect's parser reads it, `exchange` watches over both → `narrator` counts tokens and says it as events.
`local` runs all this in the caller's process; `worker` behind a `pipe`, whose other end is `client`.
"""
