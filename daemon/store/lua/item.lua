-- item.lua -- the record of an item and its two operations.  leave writes the
-- share into the record and takes the item out of the set that its state has;
-- enter makes the score from the share and puts it where it now belongs.  No
-- other function changes a state.

local NUMERIC = {
  number = true, severity = true, since = true, last_at = true, calls = true, share = true,
  base = true, target = true, tries = true, due = true, told = true, fence = true, value = true,
  promise_at = true, given_until = true, window_end = true, closed_at = true, rev = true,
  made_at = true, ends_at = true, back_due = true,
  late_by = true, promised = true, agreed = true, last_fence = true,
}

-- typed: a field's value as item.load gives it.
function item.typed(field, value)
  if NUMERIC[field] then return tonumber(value) or value end
  return value
end

function item.load(s, number)
  local flat = redis.call('HGETALL', s.root .. 'item:' .. int(number))
  if #flat == 0 then return nil end
  local it = {}
  for i = 1, #flat, 2 do
    it[flat[i]] = item.typed(flat[i], flat[i + 1])
  end
  return it
end

function item.save(s, it)
  local flat = {}
  for field, value in pairs(it) do
    if type(value) == 'number' then
      value = value == math.floor(value) and int(value) or string.format('%.17g', value)
    end
    flat[#flat + 1] = field
    flat[#flat + 1] = value
  end
  redis.call('HSET', s.root .. 'item:' .. int(it.number), unpack(flat))
end

-- find: by number or UUID, or "held": what the agent holds.
function item.find(s, id, name)
  if id == 'held' then
    local number = redis.call('HGET', s.root .. 'hold:' .. name, 'primary')
    return has(number) and item.load(s, tonumber(number)) or nil
  end
  if #id == 36 then
    local receipt = redis.call('GET', s.root .. 'receipt:' .. string.lower(id))
    id = receipt and string.match(receipt, '^%a+ (%d+)') or ''
  end
  if not string.match(id, '^%d+$') or #id > 12 then return nil end
  return item.load(s, tonumber(id))
end

-- ages: the share grows while an item is waiting or held.
function item.ages(it) return it.state == states.WAITING or it.state == states.HELD end

function item.share(s, it)
  if not item.ages(it) then return it.share end
  return (clock.now(s, it.queue) - it.base) / it.target
end

local function move(s, it, to)
  if not states.moves[it.state][to] then
    error({ err = 'BADMOVE item ' .. int(it.number) .. ' from ' .. it.state .. ' to ' .. to })
  end
  it.from, it.state, it.rev = it.state, to, it.rev + 1
end

-- Outside the customer's calling window an item is scheduled, not skipped
-- again and again at the head.  Returns the instant at which the window opens,
-- or nil with the one at which it ends.
local function window(s, it)
  if not has(it.window) then return nil, nil end
  local open, change = calendar.state(s, it.window, s.now)
  if open == nil then
    -- A list that reaches beyond now and has no instants: there is no closing.
    if calendar.reaches(s, it.window, s.now) then return nil, nil end
    calendar.want(s, it.window)
    return s.now + 1000, nil
  end
  if open then return nil, change end
  return change, nil
end

-- misplaced: policy, severity or duty would put it into another class today.
function item.misplaced(s, it, share)
  local class_now, target = it.class, it.target
  if not has(it.appointment) then it.target = policy.target(s, it.queue, it.tier, it.kind) end
  local right = class.name(it, ladder.pool(s, it, share))
  it.target = target
  return right ~= class_now or it.window ~= person.window(s, it)
end

-- Open items are found by person, and counted by queue and tier.  The record
-- remembers under what it stands there.
local function count_open(s, it, by)
  local queue, tier, who = string.match(it.indexed, '^([^|]*)|([^|]*)|(.*)$')
  redis.call('HINCRBY', s.root .. 'open', 'queue:' .. queue, by)
  redis.call('HINCRBY', s.root .. 'open', 'tier:' .. tier, by)
  return s.root .. 'person:' .. who
end

function item.unindex(s, it)
  if not has(it.indexed) then return end
  redis.call('SREM', count_open(s, it, -1), int(it.number))
  if has(it.shared_of) then redis.call('SREM', s.root .. 'shared:' .. it.shared_of, int(it.number)) end
  it.indexed, it.shared_of = '', ''
end

local function index(s, it)
  local place = it.queue .. '|' .. it.tier .. '|' .. it.person
  -- Those of a shared number are each a person of their own; their customer
  -- still finds them.
  local shared_of = string.sub(it.person, 1, 2) == 'n:' and it.customer or ''
  if it.indexed == place and (it.shared_of or '') == shared_of then return end
  item.unindex(s, it)
  it.indexed, it.shared_of = place, shared_of
  redis.call('SADD', count_open(s, it, 1), int(it.number))
  if has(shared_of) then redis.call('SADD', s.root .. 'shared:' .. shared_of, int(it.number)) end
end

-- leave: out of the set of its state.  What follows is enter, schedule or close.
function item.leave(s, it)
  it.share = item.share(s, it)
  if it.state == states.WAITING then
    class.remove(s, it)
    redis.call('ZREM', s.root .. 'windows', class.member(it.number))
  elseif it.state == states.HELD then
    hold.lose(s, it)
    dial.forget(it)
    person.catch_up(s, it)
  elseif it.state == states.SCHEDULED then
    redis.call('ZREM', s.root .. 'scheduled', class.member(it.number))
    it.due, it.why = '', ''
  elseif it.state == states.CLOSED then
    redis.call('ZREM', s.root .. 'closed', class.member(it.number))
    redis.call('ZREM', s.root .. 'past:' .. it.person, int(it.number))
    it.reason, it.closed_at = '', ''
    person.catch_up(s, it)
  end
  if item.ages(it) then ladder.forget(s, it) end
end

local function wait(s, it, ends)
  move(s, it, states.WAITING)
  it.back_due, it.back_why = '', ''
  class.add(s, it, ladder.pool(s, it, it.share))
  if ends then
    redis.call('ZADD', s.root .. 'windows', int(ends), class.member(it.number))
  end
end

-- enter: where an item that is neither closed nor put off belongs: with the
-- agent who holds its customer, else put off until the customer may be called,
-- else in the class of its kind.
function item.enter(s, it)
  local owner = redis.call('HGET', s.root .. 'holders', it.person)
  it.window = person.window(s, it)
  if not has(owner) then
    local opens, ends = window(s, it)
    if opens then return item.schedule(s, it, opens, 'window') end
    it.ends_at = ends or ''
  end
  -- An appointment has a target of its own: the end of its window.
  if not has(it.appointment) then it.target = policy.target(s, it.queue, it.tier, it.kind) end
  it.base = math.floor(clock.now(s, it.queue) - it.share * it.target)
  if has(owner) then
    move(s, it, states.HELD)
    hold.join(s, owner, it)
  else
    wait(s, it, it.ends_at ~= '' and it.ends_at)
  end
  index(s, it)
  ladder.plan(s, it, it.share)
end

-- hold: into the hands of an agent, under his fence.
function item.hold(s, it, owner)
  it.target = it.target ~= '' and it.target or policy.target(s, it.queue, it.tier, it.kind)
  it.base = math.floor(clock.now(s, it.queue) - it.share * it.target)
  move(s, it, states.HELD)
  hold.join(s, owner, it)
  index(s, it)
  ladder.plan(s, it, it.share)
end

-- schedule: not before due; why is "retry", "appointment", "window" (outside
-- calling hours) or "with" (the same customer is to be tried again then).
function item.schedule(s, it, due, why)
  move(s, it, states.SCHEDULED)
  it.back_due, it.back_why = '', ''
  it.due, it.why = due, why
  redis.call('ZADD', s.root .. 'scheduled', int(due), class.member(it.number))
  index(s, it)
end

function item.close(s, it, reason)
  move(s, it, states.CLOSED)
  it.back_due, it.back_why = '', ''
  it.reason, it.closed_at = reason, s.now
  item.unindex(s, it)
  redis.call('ZADD', s.root .. 'closed', int(s.now), class.member(it.number))
  redis.call('ZADD', s.root .. 'past:' .. it.person, int(s.now), int(it.number))
  redis.call('ZREMRANGEBYRANK', s.root .. 'past:' .. it.person, 0, -51)
end

-- drop: closed by a rule, not by what somebody did with it.
function item.drop(s, it, reason)
  item.leave(s, it)
  item.close(s, it, reason)
  item.save(s, it)
  log.add(s, 'closed', it, {})
end

-- come_due: a scheduled item whose time has come.
function item.come_due(s, it)
  local why, due = it.why, it.due
  item.leave(s, it)
  if why == 'retry' then
    it.share = num(policy.queue(s, it.queue).retry_share, 0)
  elseif why == 'appointment' then
    local window_ms = policy.ms(s, 'appointment_ms', 900000)
    it.target = math.max(policy.target(s, it.queue, it.tier, it.kind), window_ms)
    it.share = 1 - window_ms / it.target
    -- What its hour uses up at once is no news.
    it.told = math.max(it.told, it.share)
    it.appointment, it.agreed = '1', due
  end
  item.enter(s, it)
end

-- replace: the same place by other attributes (tier, severity, person, queue).
-- change(it) sets them between leave and enter, so the share is kept.
function item.replace(s, it, change)
  if it.state == states.WAITING then
    item.leave(s, it)
    change(it)
    item.enter(s, it)
  elseif it.state == states.HELD then
    local share = item.share(s, it)
    ladder.forget(s, it)
    change(it)
    if not has(it.appointment) then it.target = policy.target(s, it.queue, it.tier, it.kind) end
    it.base = math.floor(clock.now(s, it.queue) - share * it.target)
    it.rev = it.rev + 1
    index(s, it)
    ladder.plan(s, it, share)
  else
    change(it)
    it.rev = it.rev + 1
    if it.state == states.SCHEDULED then index(s, it) end
  end
end

-- erase: nothing is left of a closed item but its receipt.  Returns how many
-- entries its history had.
function item.erase(s, it)
  local number = int(it.number)
  local entries = redis.call('LLEN', s.root .. 'history:' .. number)
  redis.call('ZREM', s.root .. 'closed', class.member(it.number))
  redis.call('ZREM', s.root .. 'past:' .. it.person, number)
  redis.call('DEL', s.root .. 'item:' .. number, s.root .. 'history:' .. number, s.root .. 'hands:' .. number)
  return entries
end

-- purge: closed items are forgotten after the time that the policy keeps them.
function item.purge(s, budget)
  local old = redis.call('ZRANGEBYSCORE', s.root .. 'closed', '-inf',
    int(s.now - policy.keep_ms(s)), 'LIMIT', 0, budget)
  for _, member in ipairs(old) do
    local it = item.load(s, class.number(member))
    redis.call('ZREM', s.root .. 'closed', member)
    if it then
      item.erase(s, it)
      -- A late repeat of its event is still known.
      redis.call('PEXPIRE', s.root .. 'receipt:' .. it.uuid, int(policy.receipt_ms(s)))
    end
  end
  return #old
end
