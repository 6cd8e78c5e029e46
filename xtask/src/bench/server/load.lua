-- Loads one route. Each thread has a session of its own; its request never changes, so wrk builds it once.
-- Arguments: the method, then a cookie for each thread, or none at all.

local threads = 0

function setup(thread)
  threads = threads + 1
  thread:set("number", threads)
end

function init(args)
  wrk.method = args[1]
  wrk.headers["Cookie"] = args[1 + number]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("load: requests %d errors %d microseconds %d p50 %d p99 %d\n",
    summary.requests, errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    summary.duration, latency:percentile(50), latency:percentile(99)))
end
