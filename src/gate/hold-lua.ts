/**
 * What holds a request, or a connection of which nothing has been read, while its backend has no machine: it asks the gate
 * on a socket of its own and sleeps until the answer comes, so that nothing is polled. `go` comes with a machine. In the
 * ordinary case HAProxy has it as a server by then; a process that ends after a reload takes no servers any more, and
 * connects to the address that it has been told. Any other answer says, for people, why not. While nobody answers, because
 * the gate was killed and starts again, it is asked again for a minute. The path of the socket is written into it: of the
 * arguments that HAProxy 2.6 has for `lua-load-per-thread` only the first thread gets any.
 */
export const holdLua = (socket: string) => `local gate = 'unix@${socket}'

-- Who is held is told in time, and by the gate.
local longest = 86400

local function ask(question, seconds)
  local socket = core.tcp()
  socket:settimeout(seconds)
  if not socket:connect(gate) then return nil end
  socket:send(question .. '\\n')
  local answer = socket:receive('*l')
  socket:close()
  return answer
end

local function hold(txn)
  local route = txn.f:be_name()
  local answer, waited = ask(route, longest), 0
  while not answer and waited < 60000 do
    local ms = waited < 5000 and 100 or 500
    core.msleep(ms)
    waited = waited + ms
    answer = ask(route, longest)
  end
  local address, port = string.match(answer or '', '^go (%S+) (%d+)$')
  if not address then
    txn:set_var('txn.refused', answer or 'the gate is starting: try again')
  elseif txn.f:nbsrv(route) == 0 then
    txn:set_var('txn.address', address)
    txn:set_var('txn.port', tonumber(port))
  end
end

-- A server that takes nothing new has no weight; asking for one that there is not is an error.
local function takes_requests(txn, name)
  if not string.match(name, '^%w[%w.-]*$') then return false end
  local ok, weight = pcall(function() return txn.f:srv_weight(txn.f:be_name() .. '/' .. name) end)
  return ok and (tonumber(weight) or 0) > 0
end

-- HAProxy 2.6 gives numbers for what is true or not, and 0 is true in Lua.
local function is_true(value)
  return value == true or value == 1
end

-- A machine that is full of what processes have which end is not up until there is room (room.ts).
local function is_up(txn, name)
  local ok, up = pcall(function() return txn.f:srv_is_up(txn.f:be_name() .. '/' .. name) end)
  return ok and is_true(up)
end

local function wait_for_room(txn, name)
  local waited = 0
  while waited < 60000 and takes_requests(txn, name) and not is_up(txn, name) and not is_true(txn.f:stopping()) do
    core.msleep(50)
    waited = waited + 50
  end
end

local function choose_instance(txn)
  local forced = txn.f:req_fhdr('fly-force-instance-id')
  local name = forced or txn.f:req_fhdr('fly-prefer-instance-id')
  if forced then
    -- One that has room again is being drained for a moment (servers.ts).
    if not takes_requests(txn, name) then core.msleep(50) end
    wait_for_room(txn, name)
  end
  if takes_requests(txn, name) and (forced or is_up(txn, name)) then
    txn:set_var('txn.machine', name)
  elseif forced then
    txn:set_var('txn.refused', 'the machine of fly-force-instance-id is not there')
  else
    txn.http:req_set_header('fly-preferred-instance-unavailable', name)
  end
end

-- Which machines are in a region, by route and region, and for how long that is believed.
local known, known_ms = {}, 1000

-- Names as they are: a machine that has gone or takes nothing new is seen by its weight.
local function machines_in(route, region)
  local key, now = route .. ' ' .. region, core.now()
  local entry = known[key]
  if not entry or (now.sec - entry.at.sec) * 1000 + (now.usec - entry.at.usec) / 1000 > known_ms then
    local answer = ask(key, 1)
    if not answer then return {} end
    local names = {}
    for name in string.gmatch(answer, '%S+') do names[#names + 1] = name end
    -- Who asks for ever new regions must not fill the memory.
    if #names == 0 then return names end
    entry = { names = names, at = now }
    known[key] = entry
  end
  return entry.names
end

-- Of those that are up the one with the fewest connections; the first of several, so that they fill up in turn.
local function least_loaded(txn, names)
  local best, least
  for _, name in ipairs(names) do
    if takes_requests(txn, name) and is_up(txn, name) then
      local load = tonumber(txn.f:srv_conn(txn.f:be_name() .. '/' .. name)) or 0
      if not least or load < least then best, least = name, load end
    end
  end
  return best
end

local function choose_region(txn)
  local forced = txn.f:req_fhdr('fly-force-region')
  local region = forced or txn.f:req_fhdr('fly-prefer-region')
  local is_name = string.match(region, '^%l[%l%d-]*$') and #region <= 63
  local name = is_name and least_loaded(txn, machines_in(txn.f:be_name(), region))
  if name then
    txn:set_var('txn.machine', name)
  elseif forced then
    txn:set_var('txn.refused', 'no machine runs in the region of fly-force-region')
  end
end

local function choose(txn)
  if txn.f:req_fhdr('fly-force-instance-id') or txn.f:req_fhdr('fly-prefer-instance-id') then
    choose_instance(txn)
  else
    choose_region(txn)
  end
end

core.register_action('hold', { 'http-req', 'tcp-req' }, hold, 0)
core.register_action('choose', { 'http-req' }, choose, 0)
`;
