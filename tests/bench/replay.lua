-- wrk sends prepared requests, each once: REQUESTS names a file of "LENGTH\n" + bytes. One thread. PACE_MS: each connection
-- rests so long, on the average, before it sends the next.
local requests, n, at = {}, 0, 0
local pace = tonumber(os.getenv("PACE_MS") or "0")
if pace > 0 then
  function delay() return math.random(0, 2 * pace) end
end
function init(args)
  local f = assert(io.open(os.getenv("REQUESTS"), "rb"))
  while true do
    local line = f:read("*l")
    if not line then break end
    n = n + 1
    requests[n] = f:read(tonumber(line))
  end
  f:close()
end
function request()
  at = at + 1
  return requests[(at - 1) % n + 1]
end
function done(summary, latency, requests)
  io.write(string.format('JSON {"requests": %d, "duration_us": %d, "p50_us": %d, "p99_us": %d, "max_us": %d, ' ..
    '"errors": {"connect": %d, "read": %d, "write": %d, "status": %d, "timeout": %d}}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), latency.max,
    summary.errors.connect, summary.errors.read, summary.errors.write, summary.errors.status, summary.errors.timeout))
end
