-- What both wrk scripts share: the request that every server gets, to the byte, and the report.
local shared = {}

-- wrk adds Host; the path comes from the URL on its command line.
function shared.headers(token)
  wrk.headers["X-Original-URI"] = "/v2/team/app/manifests/latest"
  wrk.headers["X-Original-Method"] = "GET"
  wrk.headers["Authorization"] = token and ("Bearer " .. token) or nil
end

function shared.done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"microseconds":%d,"refused":%d,"broken":%d,"p50_us":%d,"p99_us":%d}\n',
    summary.requests, summary.duration, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end

return shared
