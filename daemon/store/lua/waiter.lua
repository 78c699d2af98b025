-- waiter.lua -- agents who wait for the next customer.  An arrival names the
-- agent who has waited longest; naming gives nothing away: the hold is taken by
-- the daemon that still has the agent's living connection, by asking again.
-- One whose daemon does not come for him is passed over.

local NAMED_MS = 1000  -- how long a named agent's daemon has to come
local GAP_MS = 10000   -- a wait renewed within this keeps its place

function waiter.park(s, name, daemon, wait_ms)
  local key = s.root .. 'park:' .. name
  local ends = num(redis.call('HGET', key, 'until'), 0)
  if ends + GAP_MS < s.now then redis.call('ZREM', s.root .. 'parked', name) end
  redis.call('ZADD', s.root .. 'parked', 'NX', int(s.now), name)
  redis.call('HSET', key, 'daemon', daemon, 'until', int(s.now + wait_ms))
  redis.call('PEXPIRE', key, int(wait_ms + GAP_MS))
  redis.call('ZREM', s.root .. 'named', name)
end

function waiter.leave(s, name)
  redis.call('ZREM', s.root .. 'parked', name)
  redis.call('ZREM', s.root .. 'named', name)
  redis.call('DEL', s.root .. 'park:' .. name)
end

-- The agents who wait now and are not named, longest first.
local function free(s, count)
  local list = {}
  for _, name in ipairs(redis.call('ZRANGE', s.root .. 'parked', 0, count - 1)) do
    local park = redis.call('HMGET', s.root .. 'park:' .. name, 'daemon', 'until')
    if num(park[2], 0) + GAP_MS < s.now then
      waiter.leave(s, name)
    elseif num(park[2], 0) > s.now and not redis.call('ZSCORE', s.root .. 'named', name) then
      list[#list + 1] = { name = name, daemon = park[1] }
    end
  end
  return list
end

local function name_agent(s, w)
  redis.call('ZADD', s.root .. 'named', int(s.now), w.name)
  redis.call('XADD', s.root .. 'hints', 'MAXLEN', '~', 1000, '*', 'agent', w.name, 'daemon', w.daemon)
end

local function may_pull(s, name, it)
  local pool = class.parse(it.class).pool
  if redis.call('ZSCORE', s.root .. 'not:' .. name, int(it.number)) then return false end
  if pool == 'own=' .. name or pool == 'appt=' .. name then return true end
  local group = string.match(pool, '^group=(.*)$')
  if group then return redis.call('ZSCORE', s.root .. 'duty:' .. group, name) ~= false end
  return pool == 'agents' and agent.serves_queue(s, name, it.queue)
end

-- tell: an item has begun to wait; name who has waited longest for such a one.
function waiter.tell(s, it)
  -- By a fact nobody is named: who still waits asks again when it is over.
  if s.fact or it.state ~= states.WAITING or not clock.open(s, it.queue) then return end
  for _, w in ipairs(free(s, 100)) do
    if may_pull(s, w.name, it) then return name_agent(s, w) end
  end
end

-- sweep: those who were named and did not come lose their place to the next
-- who has something to do; also what no arrival announces (a queue that opens,
-- a step of the ladder) is found here.
function waiter.sweep(s)
  if s.fact then return end
  local late = redis.call('ZRANGEBYSCORE', s.root .. 'named', '-inf', int(s.now - NAMED_MS))
  for _, name in ipairs(late) do waiter.leave(s, name) end
  -- One item names one agent: the next best is for the next who waits.
  local promised = {}
  for _, w in ipairs(free(s, 20)) do
    local groups = redis.call('HGET', s.root .. 'agent:' .. w.name, 'groups') or ''
    local asker = agent.asker(s, w.name, groups)
    for number in pairs(promised) do asker.refused[number] = true end
    local best = order.choose(s, asker)
    if best then
      promised[best.number] = true
      name_agent(s, w)
    end
  end
end
