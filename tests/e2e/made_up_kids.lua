-- wrk script: every request brings a token whose key id nobody has, made up anew. Arguments: PAYLOAD (claims and signature), then NAME=VALUE headers.
-- Counts and the report are those of statuses.lua.
local folder = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
dofile(folder .. "statuses.lua")

local count_headers = init
local letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

-- base64url without padding (RFC 4648 section 5).
local function encode(text)
  local bits, held, out = 0, 0, {}
  for i = 1, #text do
    bits, held = bits * 256 + text:byte(i), held + 8
    while held >= 6 do
      held = held - 6
      local index = math.floor(bits / 2 ^ held)
      out[#out + 1] = letters:sub(index + 1, index + 1)
      bits = bits - index * 2 ^ held
    end
  end
  if held > 0 then
    local index = bits * 2 ^ (6 - held)
    out[#out + 1] = letters:sub(index + 1, index + 1)
  end
  return table.concat(out)
end

function init(args)
  payload = table.remove(args, 1)
  count_headers(args)
  math.randomseed(os.time())
end

function request()
  local header = string.format('{"typ":"JWT","alg":"EdDSA","kid":"made-up-%d-%d"}', math.random(1, 2 ^ 30), math.random(1, 2 ^ 30))
  wrk.headers["Authorization"] = "Bearer " .. encode(header) .. "." .. payload
  return wrk.format()
end
