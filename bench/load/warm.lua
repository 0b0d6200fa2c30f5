-- wrk: the same request again and again. The one argument is a file with a token. Prints one JSON line.
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local shared = dofile(here .. "report.lua")

function init(args)
  local file = assert(io.open(args[1]), "no token file")
  shared.headers(file:read("*l"))
  file:close()
end

done = shared.done
