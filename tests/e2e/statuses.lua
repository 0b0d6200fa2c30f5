-- wrk script: counts answers by status and prints one JSON object at the end. Arguments: NAME=VALUE headers.
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  statuses = {}
  for _, header in ipairs(args) do
    local name, value = header:match("^([^=]+)=(.*)$")
    wrk.headers[name] = value
  end
end

function response(status)
  statuses[status] = (statuses[status] or 0) + 1
end

function done(summary)
  local sums = {}
  for _, thread in ipairs(threads) do
    for status, count in pairs(thread:get("statuses")) do
      sums[status] = (sums[status] or 0) + count
    end
  end
  local parts = {}
  for status, count in pairs(sums) do
    table.insert(parts, string.format('"%d": %d', status, count))
  end
  local errors = summary.errors
  io.write(string.format('RESULT {"statuses": {%s}, "lost": %d}\n', table.concat(parts, ", "),
    errors.connect + errors.read + errors.write + errors.timeout))
end
