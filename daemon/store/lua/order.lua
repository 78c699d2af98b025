-- order.lua -- who is next: weight(tier) * weight(severity) * share, greatest
-- first.  The order is decided here and nowhere else.

-- priority of a share in a class.
function order.priority(s, c, share)
  local tier, severity = policy.weight(s, c.tier, c.severity)
  return tier * severity * share
end

-- Where priorities are equal (all are 0 while a queue is closed), the one that
-- grows fastest is next, then the one that came first.
local function rate(s, c) return order.priority(s, c, 1) / c.target end

local function share_of(s, c, score) return (clock.now(s, c.queue) - tonumber(score)) / c.target end

function order.before(a, b)
  if a.priority ~= b.priority then return a.priority > b.priority end
  if a.rate ~= b.rate then return a.rate > b.rate end
  return a.number < b.number
end

local function candidate(s, c, member, score, factor)
  local share = share_of(s, c, score)
  return { number = class.number(member), class = c, share = share,
    priority = order.priority(s, c, share) * (factor or 1), rate = rate(s, c) * (factor or 1) }
end

local CHUNK = 20

-- head: the first of a class that the agent is not kept from.  What he is kept
-- from is only what he gave back, so the walk is as long as that list.
local function head(s, c, asker, factor, least)
  local first = 0
  while true do
    local found = class.members(s, c.name, first, first + CHUNK - 1)
    for i = 1, #found, 2 do
      local it = candidate(s, c, found[i], found[i + 1], factor)
      if it.share < (least or -1) then return nil end
      if not asker or not asker.refused[it.number] then return it end
    end
    if #found < 2 * CHUNK then return nil end
    first = first + CHUNK
  end
end

local function better(best, found)
  if found and (not best or order.before(found, best)) then return found end
  return best
end

local function best_of_pool(s, best, queue, pool, asker, line)
  for _, c in ipairs(class.of_pool(s, queue, pool)) do
    -- What was tried in time is nobody's escalation, however old it grows.
    if not line.least or c.promise == 'open' then
      best = better(best, head(s, c, asker, line.factor, line.least))
    end
  end
  return best
end

-- His own appointments, before all: they were promised for this hour.
local function appointments(s, asker)
  local best
  for _, queue in ipairs(policy.queue_names(s)) do
    best = best_of_pool(s, best, queue, 'appt=' .. asker.name, asker, {})
  end
  return best
end

-- What the ladder has brought up to a group of his, in whatever queue.
local function escalated(s, asker)
  local best
  for _, queue in ipairs(policy.queue_names(s)) do
    if clock.open(s, queue) then
      for _, group in ipairs(asker.groups) do
        best = best_of_pool(s, best, queue, 'group=' .. group, asker, {})
        local least = ladder.reached_by(s, queue, group)
        if least then best = best_of_pool(s, best, queue, 'agents', asker, { least = least }) end
      end
    end
  end
  return best
end

local function served(s, asker)
  local best
  for queue, factor in pairs(asker.serves) do
    if policy.queue(s, queue) and clock.open(s, queue) then
      local line = { factor = factor }
      best = best_of_pool(s, best, queue, 'agents', asker, line)
      best = best_of_pool(s, best, queue, 'own=' .. asker.name, asker, line)
    end
  end
  return best
end

-- Given to him by name, in a queue that he does not serve.
local function given(s, asker)
  local best
  for _, queue in ipairs(policy.queue_names(s)) do
    if not asker.serves[queue] and clock.open(s, queue) then
      best = best_of_pool(s, best, queue, 'own=' .. asker.name, asker, {})
    end
  end
  return best
end

-- choose: the asker's next, {number, class, share, priority}, or nil.
function order.choose(s, asker)
  return appointments(s, asker) or escalated(s, asker)
    or better(served(s, asker), given(s, asker))
end

-- waiting: those that wait in these queues, in the order of handing out, at
-- most count of them, that the filter (a function of the class) lets through.
function order.waiting(s, queues, count, filter)
  local list = {}
  for _, queue in ipairs(queues) do
    for _, c in ipairs(class.of_queue(s, queue)) do
      if not filter or filter(c) then
        local found = class.members(s, c.name, 0, count - 1)
        for i = 1, #found, 2 do list[#list + 1] = candidate(s, c, found[i], found[i + 1]) end
      end
    end
  end
  table.sort(list, order.before)
  return list
end

-- position: how many wait in the item's queue that come before it, plus one.
function order.position(s, it)
  local own = class.parse(it.class)
  local mine = candidate(s, own, class.member(it.number), it.base)
  local ahead = 0
  for _, c in ipairs(class.of_queue(s, it.queue)) do
    local one = order.priority(s, c, 1)
    if c.name == own.name then
      ahead = ahead + redis.call('ZRANK', s.root .. 'class:' .. c.name, class.member(it.number))
    elseif one > 0 then
      ahead = ahead + class.count_above(s, c, mine.priority / one, true)
    end
  end
  return ahead + 1, mine
end

-- The first of a class that comes after mine.
local function first_after(s, c, it, mine)
  local found
  if c.name == it.class then
    local rank = redis.call('ZRANK', s.root .. 'class:' .. c.name, class.member(it.number))
    found = class.members(s, c.name, rank + 1, rank + 1)
  else
    local one = order.priority(s, c, 1)
    local share = one > 0 and mine.priority / one or 0
    found = class.members_below(s, c, share, CHUNK)
  end
  for i = 1, #found, 2 do
    local other = candidate(s, c, found[i], found[i + 1])
    if order.before(mine, other) then return other end
  end
end

-- runner_up: the next one after the item in its queue; nil when it is last.
function order.runner_up(s, it, mine)
  local best
  for _, c in ipairs(class.of_queue(s, it.queue)) do best = better(best, first_after(s, c, it, mine)) end
  return best
end
