-- view.lua -- what people look at: lists, queues, reasons.  Nothing here writes.

-- What waits, but not for him who gave it back a moment ago.
local function given_back(s, name)
  local found = redis.call('ZRANGEBYSCORE', s.root .. 'not:' .. name, '(' .. int(s.now), '+inf', 'WITHSCORES')
  local count, from = 0, nil
  for i = 1, #found, 2 do
    local state = redis.call('HGET', s.root .. 'item:' .. found[i], 'state')
    if state == states.WAITING then
      count, from = count + 1, from or found[i + 1]
    end
  end
  return count > 0 and section('given_back', { count = count, at = from }) or nil
end

-- nothing: why there is nothing to call now.
function view.nothing(s, name, groups)
  local serves = agent.serves(s, name)
  local answer, names, later = { 'none' }, {}, 0
  for queue in pairs(serves) do names[#names + 1] = queue end
  table.sort(names)
  local due = redis.call('ZRANGE', s.root .. 'scheduled', 0, 49)
  for _, member in ipairs(due) do
    local it = item.load(s, class.number(member))
    if it and serves[it.queue] then
      later = later + 1
      if later <= 3 then answer[#answer + 1] = card.named(s, 'later', it) end
    end
  end
  for _, queue in ipairs(policy.queue_names(s)) do
    local open, change = clock.open(s, queue)
    if not open then
      local waiting = view.counts(s, queue).waiting
      if waiting > 0 then
        answer[#answer + 1] = section('closed', { queue = queue, opens = change, waiting = waiting,
          yours = serves[queue] and '1' or '0' })
      end
    end
  end
  local back = given_back(s, name)
  if back then answer[#answer + 1] = back end
  table.insert(answer, 2, section('nothing', { queues = table.concat(names, ','), later = later,
    serves = #names, groups = groups }))
  return answer
end

-- counts: of a queue, by its classes, so it costs no walk of its items.
function view.counts(s, queue)
  local c = { waiting = 0, at_risk = 0, late = 0, left = nil }
  local risk = ladder.at_risk(s, queue)
  for _, k in ipairs(class.of_queue(s, queue)) do
    c.waiting = c.waiting + class.size(s, k.name)
    if k.promise == 'open' then
      local late = class.count_above(s, k, 1, true)
      c.late = c.late + late
      c.at_risk = c.at_risk + class.count_above(s, k, risk) - late
      local head = class.members(s, k.name, 0, 0)
      local left = tonumber(head[2]) + k.target - clock.now(s, queue)
      if not c.left or left < c.left then c.left = left end
    end
  end
  return c
end

local function held_by_queue(s)
  local held = {}
  for _, name in ipairs(redis.call('ZRANGE', s.root .. 'holds', 0, -1)) do
    for _, number in ipairs(redis.call('SMEMBERS', s.root .. 'hold_items:' .. name)) do
      local queue = redis.call('HGET', s.root .. 'item:' .. number, 'queue')
      if has(queue) then held[queue] = (held[queue] or 0) + 1 end
    end
  end
  return held
end

local function queue_section(s, queue, held, today)
  local open, change = clock.open(s, queue)
  local c = view.counts(s, queue)
  local agents, on = agent.of_queue(s, queue), 0
  for _, name in ipairs(agents) do
    if agent.on_duty(s, name) then on = on + 1 end
  end
  local kept, broken = today[queue .. '|kept'] or 0, today[queue .. '|broken'] or 0
  local all = num(redis.call('HGET', s.root .. 'open', 'queue:' .. queue), 0)
  local next_due = c.left and clock.wall(s, queue, clock.now(s, queue) + c.left)
  return section('queue', {
    queue = queue, open = open and '1' or '0', till = open and change or nil, opens = not open and change or nil,
    waiting = c.waiting, at_risk = c.at_risk, late = c.late, held = held[queue] or 0,
    scheduled = all - c.waiting - (held[queue] or 0), agents_on = on, agents = #agents,
    next_due_ms = c.left, next_due = next_due and math.floor(next_due),
    kept = kept, promises = kept + broken, got_through = today[queue .. '|got-through'] or 0,
    asked = today[queue .. '|asked'] or 0 })
end

-- What made no item today, by reason: "withheld", "hung up at once" ...
local function set_aside(today)
  local reasons = {}
  for figure, count in pairs(today) do
    local state, reason = string.match(figure, '|(%a+):(.*)$')
    if state == 'ignored' or state == 'uncallable' then
      reasons[reason] = (reasons[reason] or 0) + count
    end
  end
  return reasons
end

-- rb1_queues(now) -> ok queue... aside... source... reason...
reader('rb1_queues', function(s)
  local answer, held, today = { 'ok' }, held_by_queue(s), tally.today(s)
  for _, queue in ipairs(policy.queue_names(s)) do
    answer[#answer + 1] = queue_section(s, queue, held, today)
  end
  for reason, count in pairs(set_aside(today)) do
    answer[#answer + 1] = section('aside', { reason = reason, count = count })
  end
  for _, told in ipairs(source.all(s)) do answer[#answer + 1] = told end
  return answer
end)

-- rb1_item(now, id, agent) -> ok card history... clock | no-item
reader('rb1_item', function(s, args)
  local it = item.find(s, args[2], args[3])
  if not it then return { 'no-item' } end
  local answer = card.answer(s, 'ok', it)
  for _, entry in ipairs(history.of(s, it.number)) do
    answer[#answer + 1] = section('history', history.parse(entry))
  end
  -- What "in 20m" is counted from: daemons' clocks may differ.
  answer[#answer + 1] = section('clock', { now = s.now })
  return answer
end)

local function sum(s, it, name, more)
  local tier, severity = policy.weight(s, it.tier, it.severity)
  local share = item.share(s, it)
  local fields = { number = it.number, tier = it.tier, tier_weight = tier, severity = it.severity,
    severity_weight = severity, used = math.floor(share * 100), priority = tier * severity * share,
    target_ms = it.target ~= '' and it.target or nil, queue = it.queue, kind = it.kind }
  for field, value in pairs(more or {}) do fields[field] = value end
  return section(name, fields)
end

-- rb1_explain(now, id, agent) -> ok item sum runner_up? | no-item
reader('rb1_explain', function(s, args)
  local it = item.find(s, args[2], args[3])
  if not it then return { 'no-item' } end
  local answer = { 'ok', card.item(s, it) }
  if it.state ~= states.WAITING then
    answer[3] = sum(s, it, 'sum')
    return answer
  end
  local position, mine = order.position(s, it)
  answer[3] = sum(s, it, 'sum', { position = position, pool = class.parse(it.class).pool })
  local other = order.runner_up(s, it, mine)
  if other then answer[4] = sum(s, item.load(s, other.number), 'runner_up') end
  return answer
end)

-- rb1_estimate(now, number) -> ok estimate       how many come before; how long, if known
reader('rb1_estimate', function(s, args)
  local it = item.load(s, tonumber(args[2]))
  if not it or it.state ~= states.WAITING then return { 'ok', section('estimate', {}) } end
  local position, on = order.position(s, it), 0
  for _, name in ipairs(agent.of_queue(s, it.queue)) do
    if agent.on_duty(s, name) then on = on + 1 end
  end
  local pace = tally.pace_ms(s, it.queue)
  local ms = pace and on > 0 and position * pace / on
  local at = ms and clock.wall(s, it.queue, clock.now(s, it.queue) + ms)
  return { 'ok', section('estimate', { position = position, estimate_ms = at and math.ceil(at - s.now) }) }
end)

-- ---- lists -------------------------------------------------------------------

local function queues_of(s, filter)
  if has(filter.queue) then return policy.queue(s, filter.queue) and { filter.queue } or {} end
  return policy.queue_names(s)
end

local function passes(it, filter)
  return (not has(filter.queue) or it.queue == filter.queue)
    and (not has(filter.tier) or it.tier == filter.tier)
    and (not has(filter.kind) or it.kind == filter.kind)
    and (not has(filter.agent) or it.agent == filter.agent or it.given == filter.agent)
    and (not has(filter.since) or it.since >= tonumber(filter.since))
end

-- A part of the list: all its numbers, in order.
local parts = {}

function parts.held(s)
  local list = {}
  for _, name in ipairs(redis.call('ZRANGE', s.root .. 'holds', 0, -1)) do
    for _, number in ipairs(redis.call('SMEMBERS', s.root .. 'hold_items:' .. name)) do
      list[#list + 1] = tonumber(number)
    end
  end
  return list
end

function parts.waiting(s, filter, most)
  local list = {}
  local function of_tier(c) return not has(filter.tier) or c.tier == filter.tier end
  for _, found in ipairs(order.waiting(s, queues_of(s, filter), most, of_tier)) do
    list[#list + 1] = found.number
  end
  return list
end

local function numbers(members)
  for i, member in ipairs(members) do members[i] = class.number(member) end
  return members
end

function parts.scheduled(s, _, most) return numbers(redis.call('ZRANGE', s.root .. 'scheduled', 0, most - 1)) end

function parts.closed(s, _, most) return numbers(redis.call('ZREVRANGE', s.root .. 'closed', 0, most - 1)) end

local function person_numbers(s, who)
  local list = {}
  for _, it in ipairs(person.open_items(s, who)) do list[#list + 1] = it.number end
  for _, number in ipairs(redis.call('ZREVRANGE', s.root .. 'past:' .. who, 0, -1)) do
    list[#list + 1] = tonumber(number)
  end
  return list
end

-- Of one customer, by id or number: open ones and what was before.
local function of_customer(s, filter)
  local c = customer.load(s, filter.customer) or customer.by_phone(s, filter.customer)
  if c then return person_numbers(s, 'c:' .. c.id) end
  return person_numbers(s, 'p:' .. filter.customer)
end

-- How many there are of a state, without looking at them.
local function count_of(s, name, found)
  if name == 'held' then return #found end
  if name ~= 'waiting' then return redis.call('ZCARD', s.root .. name) end
  local count = 0
  for _, queue in ipairs(policy.queue_names(s)) do
    for _, c in ipairs(class.of_queue(s, queue)) do count = count + class.size(s, c.name) end
  end
  return count
end

local function states_of(filter)
  if has(filter.state) then return parts[filter.state] and { filter.state } or {} end
  return filter.all == '1' and { 'waiting', 'held', 'scheduled', 'closed' } or { 'waiting', 'held', 'scheduled' }
end

-- A page of all: only its own items are looked at.  Returns them and the total.
local function page(s, first, count, filter)
  local list, total = {}, 0
  for _, name in ipairs(states_of(filter)) do
    local found = parts[name](s, filter, first + count)
    for i, number in ipairs(found) do
      local place = total + i
      if place > first and place <= first + count then list[#list + 1] = item.load(s, number) end
    end
    total = total + count_of(s, name, found)
  end
  return list, total
end

local MOST = 2000

-- A page of those that pass: all of them are looked at, up to a limit.
local function filtered(s, first, count, filter)
  local numbers_found, list, total = {}, {}, 0
  if has(filter.customer) then
    numbers_found = of_customer(s, filter)
  else
    for _, name in ipairs(states_of(filter)) do
      for _, number in ipairs(parts[name](s, filter, MOST)) do numbers_found[#numbers_found + 1] = number end
    end
  end
  for _, number in ipairs(numbers_found) do
    local it = item.load(s, number)
    if it and passes(it, filter) then
      total = total + 1
      if total > first and total <= first + count then list[#list + 1] = it end
    end
  end
  return list, total
end

local function is_filtered(filter)
  return has(filter.customer) or has(filter.queue) or has(filter.tier) or has(filter.kind)
    or has(filter.agent) or has(filter.since)
end

-- rb1_items(now, first, count, fields...) -> ok list item...
-- fields: queue tier kind state agent customer since all.  Those that wait come
-- in the order of handing out; a filter looks at 2,000 of a state at most.
reader('rb1_items', function(s, args)
  local first, count, filter = tonumber(args[2]), tonumber(args[3]), pairs_from(args, 4)
  local list, total = (is_filtered(filter) and filtered or page)(s, first, count, filter)
  local more = total > first + count
  local answer = { 'ok', section('list', { total = total, cursor = more and first + count or nil }) }
  for _, it in ipairs(list) do answer[#answer + 1] = card.item(s, it) end
  return answer
end)
