-- POSTs the content of the file $BODY of type $TYPE to the URL's path; headers from $HEADERS ("Name: value|…").
local file = assert(io.open(os.getenv("BODY"), "rb"))
wrk.method = "POST"
wrk.body = file:read("*a")
file:close()
wrk.headers["Content-Type"] = os.getenv("TYPE")
for header in string.gmatch(os.getenv("HEADERS") or "", "[^|]+") do
  local name, value = string.match(header, "([^:]+): *(.*)")
  wrk.headers[name] = value
end
