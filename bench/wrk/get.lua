-- GETs the paths in the file $PATHS, one a line, in a random order; headers from $HEADERS ("Name: value|…").
local requests, count, turn = {}, 0, 0
function init(args)
  for header in string.gmatch(os.getenv("HEADERS") or "", "[^|]+") do
    local name, value = string.match(header, "([^:]+): *(.*)")
    wrk.headers[name] = value
  end
  local paths = {}
  for line in io.lines(os.getenv("PATHS")) do paths[#paths + 1] = line end
  math.randomseed(os.time())
  count = #paths == 1 and 1 or 20000
  for i = 1, count do requests[i] = wrk.format("GET", paths[math.random(#paths)]) end
end
function request()
  turn = turn % count + 1
  return requests[turn]
end
