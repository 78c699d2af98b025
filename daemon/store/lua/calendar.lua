-- calendar.lua -- named lists of opening and closing instants: opening hours,
-- and the hours in which a customer may be called.  C computes the instants
-- (zones, holidays, daylight saving); here they are only walked.
--
-- A set "cal:NAME" holds "<ms>o" (opens) and "<ms>c" (closes), scored by ms.
-- The state at t is told by the first instant after t.

local function next_instant(s, name, after, count)
  return redis.call('ZRANGEBYSCORE', s.root .. 'cal:' .. name,
    '(' .. int(after), '+inf', 'LIMIT', 0, count or 1)
end

local function parse(member)
  return tonumber(string.sub(member, 1, -2)), string.sub(member, -1) == 'o'
end

-- state: open or not at t, and when that changes; nil where the list says nothing.
function calendar.state(s, name, t)
  local found = next_instant(s, name, t)[1]
  if not found then return nil end
  local at, opens = parse(found)
  return not opens, at
end

-- Opening hours that nobody has written are open: better too early than never.
local function open_at(s, name, t)
  local open = calendar.state(s, name, t)
  return open == nil or open
end

-- open_ms: how long it is open in (from, to].
function calendar.open_ms(s, name, from, to)
  local total, open, at = 0, open_at(s, name, from), from
  local instants = redis.call('ZRANGEBYSCORE', s.root .. 'cal:' .. name,
    '(' .. int(from), int(to))
  for _, member in ipairs(instants) do
    local when, opens = parse(member)
    if open then total = total + when - at end
    open, at = opens, when
  end
  if open then total = total + to - at end
  return total
end

-- What a list says within (from, to], without what changes nothing.
local function changes(s, name, from, to, add)
  local open = open_at(s, name, from)
  local count = open and 1 or 0
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', s.root .. 'cal:' .. name, '(' .. int(from), int(to))) do
    local at, opens = parse(member)
    if opens ~= open then add(at, opens and 1 or -1) end
    open = opens
  end
  return count
end

-- spans: when any of these lists is open within (from, to]: { from, to }, in order.
function calendar.spans(s, names, from, to)
  local edges, open, list = {}, 0, {}
  for _, name in ipairs(names) do
    open = open + changes(s, name, from, to, function(at, step) edges[#edges + 1] = { at, step } end)
  end
  table.sort(edges, function(a, b) return a[1] < b[1] or (a[1] == b[1] and a[2] > b[2]) end)
  local began = from
  for _, edge in ipairs(edges) do
    if open == 0 then began = edge[1] end
    open = open + edge[2]
    if open == 0 and edge[1] > began then list[#list + 1] = { began, edge[1] } end
  end
  if open > 0 and to > began then list[#list + 1] = { began, to } end
  return list
end

-- after: the wall time at which ms of open time will have passed since from;
-- nil when that lies beyond the list.
function calendar.after(s, name, from, ms)
  local open, at = open_at(s, name, from), from
  while true do
    local instants = next_instant(s, name, at, 50)
    if #instants == 0 then return open and at + ms or nil end
    for _, member in ipairs(instants) do
      local when, opens = parse(member)
      if open then
        if ms <= when - at then return at + ms end
        ms = ms - (when - at)
      end
      open, at = opens, when
    end
  end
end

-- before: the wall time since which ms of open time have passed; nil when that
-- lies before the list.
function calendar.before(s, name, to, ms)
  local open, at = open_at(s, name, to), to
  local key = s.root .. 'cal:' .. name
  while true do
    local instants = redis.call('ZREVRANGEBYSCORE', key, '(' .. int(at), '-inf', 'LIMIT', 0, 50)
    if #instants == 0 then return open and at - ms or nil end
    for _, member in ipairs(instants) do
      local when, opens = parse(member)
      if open then
        if ms <= at - when then return at - ms end
        ms = ms - (at - when)
      end
      open, at = not opens, when
    end
  end
end

-- reaches: somebody has computed this list beyond t.
function calendar.reaches(s, name, t)
  return num(redis.call('HGET', s.root .. 'cals', name), 0) > t
end

-- want: a daemon is to write this list; it sees the wish at its next tick.
function calendar.want(s, name) redis.call('SADD', s.root .. 'cals_wanted', name) end

-- Instants older than any event may still be, and than any clock is settled.
local KEPT_MS = 9 * 86400000

-- rb1_calendar_put(now, name, until, instants...) -> ok       an instant: "<ms>o", "<ms>c"
writer('rb1_calendar_put', function(s, args)
  local name, key = args[2], s.root .. 'cal:' .. args[2]
  local reached = num(redis.call('HGET', s.root .. 'cals', name), 0)
  local function add(from, to)
    for i = 4, #args do
      local at = parse(args[i])
      if at > from and at <= to then redis.call('ZADD', key, int(at), args[i]) end
    end
  end
  -- What is past stays as it was, so that no clock changes afterwards; only
  -- what no list has reached yet (no daemon ran for long) is filled in.
  add(reached, s.now)
  clock.settle_all(s)
  redis.call('ZREMRANGEBYSCORE', key, '(' .. int(s.now), '+inf')
  redis.call('ZREMRANGEBYSCORE', key, '-inf', int(s.now - KEPT_MS))
  add(s.now, math.huge)
  redis.call('HSET', s.root .. 'cals', name, args[3])
  redis.call('SREM', s.root .. 'cals_wanted', name)
  return { 'ok' }
end)

-- rb1_calendars(now) -> ok calendar...        until: how far its instants reach; 0: wanted
reader('rb1_calendars', function(s)
  local answer, known = { 'ok' }, redis.call('HGETALL', s.root .. 'cals')
  for i = 1, #known, 2 do
    answer[#answer + 1] = section('calendar', { name = known[i], ['until'] = known[i + 1] })
  end
  for _, name in ipairs(redis.call('SMEMBERS', s.root .. 'cals_wanted')) do
    answer[#answer + 1] = section('calendar', { name = name, ['until'] = '0' })
  end
  return answer
end)
