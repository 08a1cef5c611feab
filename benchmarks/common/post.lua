-- Posts the bodies of a file, one a line, over and over. Arguments: FILE PATH RAMP
-- The answers of the first RAMP seconds are not counted in `steady`: until each connection has waited once, a server that
-- works on many requests at a time has answered none.

local ffi = require("ffi")
ffi.cdef [[
  typedef struct { long seconds; long nanos; } moment;
  int clock_gettime(int clock, moment *now);
]]

local requests, number = {}, 0
local now, MONOTONIC = ffi.new("moment"), 1
local threads = {}
steady, begun, ramp = 0, 0, 0

local function read_clock()
  ffi.C.clock_gettime(MONOTONIC, now)
  return tonumber(now.seconds) + tonumber(now.nanos) / 1e9
end

function setup(thread)
  threads[#threads + 1] = thread
end

function init(arguments)
  local headers = { ["Content-Type"] = "application/json" }
  for body in io.lines(arguments[1]) do
    requests[#requests + 1] = wrk.format("POST", arguments[2], headers, body)
  end
  ramp = tonumber(arguments[3])
end

function request()
  if begun == 0 then begun = read_clock() end
  number = number % #requests + 1
  return requests[number]
end

function response(status)
  if status < 400 and read_clock() - begun >= ramp then steady = steady + 1 end
end

-- Microseconds; `status` counts the answers above 399.
function done(summary, latency, _)
  local errors, counted = summary.errors, 0
  for _, thread in ipairs(threads) do counted = counted + thread:get("steady") end
  io.write(string.format(
    '\n{"requests": %d, "steady": %d, "micros": %d, "p50": %d, "p95": %d, "p99": %d, ' ..
    '"status": %d, "connect": %d, "read": %d, "write": %d, "timeout": %d}\n',
    summary.requests, counted, summary.duration,
    latency:percentile(50), latency:percentile(95), latency:percentile(99),
    errors.status, errors.connect, errors.read, errors.write, errors.timeout))
end
