-- Loads one route. Each thread has sessions of its own. With one, its request never changes, and wrk builds it once;
-- with several, it takes them in turn.
-- Arguments: the method, the number of threads, then a cookie for each session, or none at all.

local threads = 0

function setup(thread)
  threads = threads + 1
  thread:set("number", threads)
end

function init(args)
  wrk.method = args[1]
  local requests = {}
  for place = 2 + number, #args, tonumber(args[2]) do
    wrk.headers["Cookie"] = args[place]
    requests[#requests + 1] = wrk.format()
  end
  if #requests > 1 then
    local turn = 0
    function request()
      turn = turn % #requests + 1
      return requests[turn]
    end
  end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("load: requests %d errors %d microseconds %d p50 %d p99 %d\n",
    summary.requests, errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    summary.duration, latency:percentile(50), latency:percentile(99)))
end
