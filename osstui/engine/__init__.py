"""The engine: a job goes in, stamped events come out. Only this room opens sockets, reads keys and the clock.

How a prompt travels: `race` starts the lanes together → `lane` retries and gives up → `dialects` build the
request → `wire` sends it and stamps what comes back → `framing` and `sse` cut it → the dialect's parser reads
it → `tokens` counts it → events. `worker` is the same behind a pipe, `client` the other end of that pipe.
"""
