-- hold.lua -- an agent's exclusive right to a customer for a while: the item
-- and all others that wait for the same person, under one fence.  An agent
-- holds one customer at most; a customer is held by one agent at most.
--
-- "hold:AGENT" {person, primary, fence, since, until, most}; "hold_items:AGENT"
-- the numbers; "holders" person -> agent; "holds" agent by the end of the hold.

local function key(s, name) return s.root .. 'hold:' .. name end
local function items_key(s, name) return s.root .. 'hold_items:' .. name end

function hold.of(s, name)
  local v = redis.call('HMGET', key(s, name), 'person', 'primary', 'fence', 'since', 'until', 'most')
  if not v[1] then return nil end
  return { agent = name, person = v[1], primary = tonumber(v[2]), fence = tonumber(v[3]),
    since = tonumber(v[4]), ends = tonumber(v[5]), most = tonumber(v[6]) }
end

function hold.items(s, name)
  local list = {}
  for _, number in ipairs(redis.call('SMEMBERS', items_key(s, name))) do
    list[#list + 1] = item.load(s, tonumber(number))
  end
  return list
end

-- A fence is never given twice, even after a failover to an older copy.
local function next_fence(s)
  local last = num(redis.call('HGET', s.root .. 'site', 'fence'), 0)
  local fence = s.fact and s.fact.fence or math.max(last + 1, s.now)
  if fence > last then redis.call('HSET', s.root .. 'site', 'fence', int(fence)) end
  s.given_fence = fence
  return fence
end

local function begin(s, name, it)
  local settings = policy.queue(s, it.queue)
  local most = s.now + settings.hold_max
  redis.call('HSET', key(s, name), 'person', it.person, 'primary', int(it.number),
    'fence', int(next_fence(s)), 'since', int(s.now),
    'until', int(math.min(s.now + settings.hold, most)), 'most', int(most))
  redis.call('HSET', s.root .. 'holders', it.person, name)
  redis.call('HDEL', s.root .. 'agent:' .. name, 'ran_out')
  redis.call('ZADD', s.root .. 'holds', int(math.min(s.now + settings.hold, most)), name)
end

-- renew: by use, but not beyond the hold's longest time.
function hold.renew(s, name)
  local h = hold.of(s, name)
  local it = h and item.load(s, h.primary)
  if not it then return end
  local ends = math.min(s.now + policy.queue(s, it.queue).hold, h.most)
  if ends <= h.ends then return end
  redis.call('HSET', key(s, name), 'until', int(ends))
  redis.call('ZADD', s.root .. 'holds', int(ends), name)
end

-- join: an item comes into the hold of its customer (item.enter, item.hold).
function hold.join(s, name, it)
  it.agent, it.last_agent, it.ran_out = name, name, ''
  it.fence = tonumber(redis.call('HGET', key(s, name), 'fence'))
  it.last_fence = it.fence
  redis.call('SADD', items_key(s, name), int(it.number))
  -- Whoever has had it in his hands may still tell what came of it.
  local hands = s.root .. 'hands:' .. int(it.number)
  redis.call('SADD', hands, name)
  redis.call('EXPIRE', hands, 7 * 86400)
end

local function end_hold(s, name, who)
  redis.call('HDEL', s.root .. 'holders', who)
  redis.call('ZREM', s.root .. 'holds', name)
  redis.call('DEL', key(s, name), s.root .. 'told:' .. name)
end

-- lose: an item leaves the hold (item.leave).  A hold of nothing is none, and
-- its first item is one that is in it.
function hold.lose(s, it)
  local name = it.agent
  redis.call('SREM', items_key(s, name), int(it.number))
  it.agent, it.fence = '', ''
  local h = hold.of(s, name)
  if not h or h.primary ~= it.number then
    if h and redis.call('EXISTS', items_key(s, name)) == 0 then end_hold(s, name, h.person) end
    return
  end
  local left = redis.call('SORT', items_key(s, name), 'LIMIT', 0, 1)[1]
  if left then
    redis.call('HSET', key(s, name), 'primary', left)
  else
    end_hold(s, name, h.person)
  end
end

local function take(s, name, it, what, with)
  item.hold(s, it, name)
  item.save(s, it)
  log.add(s, what, it, { agent = name, with = with })
end

-- regain: an item that has left its set already goes to the agent, and all
-- that waits for the same person with it.  what is the log's type.
function hold.regain(s, name, it, what)
  begin(s, name, it)
  take(s, name, it, what)
  for _, other in ipairs(person.open_items(s, it.person)) do
    if other.state == states.WAITING then
      item.leave(s, other)
      take(s, name, other, 'held', it.number)
    end
  end
  waiter.leave(s, name)
  return it
end

-- give: the item's customer to the agent.  Returns the item as it is held.
function hold.give(s, name, it)
  local scheduled, due, why = it.state == states.SCHEDULED, it.due, it.why
  item.leave(s, it)
  -- Taken before its time and given back, it has its hour again.
  if scheduled then it.back_due, it.back_why = due, why end
  return hold.regain(s, name, it, 'held')
end

-- finish: the hold ends; what is still in it goes back to where it belongs.
-- why is the log's type: "released", "expired", "put-back", or nil when an
-- outcome has said it already.
function hold.finish(s, name, why)
  local h = hold.of(s, name)
  if not h then return end
  local left = hold.items(s, name)
  end_hold(s, name, h.person)
  for _, it in ipairs(left) do
    item.leave(s, it)
    if num(it.back_due, 0) > s.now then
      item.schedule(s, it, it.back_due, it.back_why)
    else
      item.enter(s, it)
    end
    item.save(s, it)
    log.add(s, why or 'put-back', it, { agent = name, held_ms = s.now - h.since })
    waiter.tell(s, it)
  end
  redis.call('DEL', items_key(s, name))
end

-- It is remembered whose it was: what he tells late counts, and is asked for.
local function run_out(s, name, h)
  local number = int(h.primary)
  redis.call('HSET', s.root .. 'agent:' .. name, 'ran_out', number .. '|' .. int(s.now))
  redis.call('HSET', s.root .. 'item:' .. number, 'ran_out', name)
  hold.finish(s, name, 'expired')
  local it = item.load(s, h.primary)
  history.add(s, it.number, name, 'expired', '')
  if h.ends >= h.most then
    alert.raise(s, it, 'held-long', h.fence, { agent = name, held_ms = s.now - h.since })
  end
end

-- ran_out: what he held a while ago, for him who thinks he still does.
function hold.ran_out(s, name)
  local number, at = string.match(redis.call('HGET', s.root .. 'agent:' .. name, 'ran_out') or '', '^(%d+)|(%d+)$')
  if not number or s.now - tonumber(at) > 3600000 then return nil end
  return { 'no-item', section('ran_out', { number = number, at = at }) }
end

-- expire: holds that ran out.  The item is on top again; somebody who held it
-- as long as he could is told of, because he may have forgotten it.
function hold.expire(s, budget)
  local over = redis.call('ZRANGEBYSCORE', s.root .. 'holds', '-inf', int(s.now), 'LIMIT', 0, budget)
  for _, name in ipairs(over) do
    local h = hold.of(s, name)
    if h then
      run_out(s, name, h)
    else
      redis.call('ZREM', s.root .. 'holds', name)
    end
  end
  return #over
end

-- tell: something happened to the customer whom an agent holds.
function hold.tell(s, name, text)
  local list = s.root .. 'told:' .. name
  redis.call('RPUSH', list, int(s.now) .. '|' .. text)
  redis.call('LTRIM', list, -20, -1)
end

function hold.told(s, name) return redis.call('LRANGE', s.root .. 'told:' .. name, 0, -1) end

-- May this item be rung now?  Otherwise it is put where it belongs.
local function callable(s, it)
  if customer.never_call(s, it) then
    item.drop(s, it, 'never-call')
    return false
  end
  -- The wall clock may have been set back to before the window opened.
  local outside = has(it.window) and calendar.state(s, it.window, s.now) == false
  if outside or (has(it.ends_at) and it.ends_at <= s.now) then
    item.leave(s, it)
    item.enter(s, it)
    item.save(s, it)
    log.add(s, 'put-off', it, { why = 'window' })
    return false
  end
  return true
end

-- renewed: what the agent holds, for longer.
local function renewed(s, name, h)
  hold.renew(s, name)
  return item.load(s, h.primary)
end

-- given: the item that he was given then, by a fact.  Where two have had the
-- customer the greater fence is the later hold, and it stays.
local function given(s, name, h)
  local fact = s.fact
  local it = fact.number and item.load(s, fact.number)
  if h and (not it or h.person == it.person or h.fence >= fact.fence) then return renewed(s, name, h) end
  if not it or it.state == states.CLOSED or num(it.last_fence, 0) > fact.fence then return nil end
  local other = redis.call('HGET', s.root .. 'holders', it.person)
  if has(other) and hold.of(s, other).fence > fact.fence then return nil end
  if has(other) then hold.finish(s, other, 'put-back') end
  if h then hold.finish(s, name, 'put-back') end
  return hold.give(s, name, item.load(s, it.number))
end

-- The first for the agent who may be rung now, or nil.
local function first(s, name, groups)
  local asker = agent.asker(s, name, groups)
  -- Each turn takes one item off the top for good, so this ends.
  for _ = 1, 200 do
    local best = order.choose(s, asker)
    if not best then return nil end
    local it = item.load(s, best.number)
    if callable(s, it) then return it end
  end
end

-- His hold, which may have run out just now.
local function current(s, name)
  local h = hold.of(s, name)
  if not h or h.ends > s.now then return h end
  run_out(s, name, h)
end

-- next: what the agent holds, else the customer who is next for him, else nil.
function hold.next(s, name, groups)
  local h = current(s, name)
  if h and not s.fact then return renewed(s, name, h) end
  local it = not h and first(s, name, groups)
  if s.fact then return given(s, name, h) end
  return it and hold.give(s, name, it)
end

-- answer: gives the item to an agent.  A fact has to say which, and its fence.
function hold.answer(s, it)
  s.given_number, s.given_fence = it.number, it.fence
  return card.answer(s, 'held', it)
end

-- rb1_next(now, agent, groups, daemon, wait_ms) -> held card | none nothing | parked
-- Parks the agent in the same call that found nothing, so no wake-up is lost.
writer('rb1_next', function(s, args)
  local name, groups, wait_ms = args[2], args[3], num(args[5], 0)
  agent.resume(s, name)
  agent.seen(s, name, groups)
  local it = hold.next(s, name, groups)
  if it then return hold.answer(s, it) end
  if wait_ms > 0 then
    waiter.park(s, name, args[4], wait_ms)
    return { 'parked' }
  end
  waiter.leave(s, name)
  return view.nothing(s, name, groups)
end)

-- Why an agent may not take this item by hand: word, section; or nothing.
local function refusal(s, name, rank, it)
  if it.state == states.CLOSED then
    return { 'closed', section('item', { number = it.number, reason = it.reason, closed_at = it.closed_at }) }
  end
  local holder = redis.call('HGET', s.root .. 'holders', it.person)
  if has(holder) and holder ~= name then
    local h = hold.of(s, holder)
    return { 'taken', section('holder', { agent = holder, ['until'] = h and h.ends, number = it.number }) }
  end
  if customer.never_call(s, it) then return { 'never-call', section('item', { number = it.number }) } end
  if rank < 2 and not agent.serves_queue(s, name, it.queue) and it.given ~= name then
    return { 'not-yours', section('item', { number = it.number, queue = it.queue }) }
  end
  local group = string.match(it.class or '', '|group=([^|]+)|')
  if rank < 2 and group then
    return { 'reserved', section('item', { number = it.number, group = group }) }
  end
  local opens = person.asleep(s, it)
  if opens then return { 'window', section('item', { number = it.number, opens = opens }) } end
end

-- rb1_hold(now, agent, groups, rank, id) -> held card | no-item | closed | taken | never-call | not-yours | reserved | window | holding
-- rank: 1 agent, 2 supervisor, 3 manager or above.
writer('rb1_hold', function(s, args)
  local name, it = args[2], item.find(s, args[5], args[2])
  agent.seen(s, name, args[3])
  if s.fact and s.fact.number then it = given(s, name, current(s, name)) end
  if not it then return { 'no-item' } end
  local refused = refusal(s, name, tonumber(args[4]), it)
  if refused then return refused end
  local h = hold.of(s, name)
  if h and h.ends <= s.now then
    run_out(s, name, h)
    h, it = nil, item.load(s, it.number)
  end
  if h and h.person == it.person and it.state == states.HELD then
    redis.call('HSET', key(s, name), 'primary', int(it.number))
    hold.renew(s, name)
    return hold.answer(s, it)
  end
  if h and h.person ~= it.person then
    return { 'holding', card.item(s, item.load(s, h.primary)) }
  end
  if h then hold.finish(s, name, 'put-back') end
  it = item.load(s, it.number)
  agent.accept(s, name, it.number)
  return hold.answer(s, hold.give(s, name, it))
end)

-- rb1_extend(now, agent, groups, id) -> held card | no-item | taken | not-held
-- id: of any item in the hold; "" and "held": whatever it is.
finisher('rb1_extend', function(s, args)
  local name = args[2]
  agent.seen(s, name, args[3])
  local held = item.find(s, 'held', name)
  if has(args[4]) and args[4] ~= 'held' then
    local it = item.find(s, args[4], name)
    if not it then return { 'no-item' } end
    if it.state ~= states.HELD then return { 'not-held', card.item(s, it) } end
    if it.agent ~= name then return { 'taken', card.item(s, it) } end
  end
  if not held then return { 'not-held' } end
  hold.renew(s, name)
  log.add(s, 'extended', held, { agent = name })
  return card.answer(s, 'held', held)
end)
