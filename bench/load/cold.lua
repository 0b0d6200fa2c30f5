-- wrk: each request carries the next token of a file, round and round. Arguments: the file, and which line to start with. Prints one JSON line.
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local shared = dofile(here .. "report.lua")
local requests, at = {}, 0

function init(args)
  for token in io.lines(args[1]) do
    shared.headers(token)
    requests[#requests + 1] = wrk.format()
  end
  assert(#requests > 0, "no token")
  at = tonumber(args[2] or "0") % #requests
end

function request()
  at = at % #requests + 1
  return requests[at]
end

done = shared.done
