-- source.lua -- how the sources of the site do.  Silence is how missed calls get
-- lost: a telephone system to which no daemon has a link any more, and one that
-- says nothing although it should, is told once, and when it is over.
--
-- What daemons report is no act: it is told again every few seconds, so nothing of
-- it needs to be restored.  "feeds": names by when they last spoke; "feed:NAME":
-- what is known of one (heard_until, state, since, why ...) and what it sent
-- that was not taken, by reason; "feed_by:NAME": daemon -> its last report;
-- "source_last", "source_events": when it last told an event, and how many.

local MOST = 300
local MOST_REASONS = 32

local function key(s, name) return s.root .. 'feed:' .. name end

local function forget(s, name)
  redis.call('ZREM', s.root .. 'feeds', name)
  redis.call('HDEL', s.root .. 'source_last', name)
  redis.call('HDEL', s.root .. 'source_events', name)
  redis.call('DEL', key(s, name), s.root .. 'feed_by:' .. name, s.root .. 'feed_week:' .. name)
end

local function configured(s, name) return has(policy.field(s, 'source:' .. name)) end

-- Where there are too many names, the one that was not heard for longest gives
-- way, of those that the configuration does not name.
local function make_room(s)
  if redis.call('ZCARD', s.root .. 'feeds') < MOST then return end
  for _, name in ipairs(redis.call('ZRANGE', s.root .. 'feeds', 0, MOST)) do
    if not configured(s, name) then return forget(s, name) end
  end
end

-- One who told an event himself, by the command: no source that could fall silent.
local function is_person(name) return string.sub(name, 1, 4) == 'cli:' end

-- spoke: a new event of this source has come.
function source.spoke(s, name)
  if is_person(name) then return end
  if not redis.call('ZSCORE', s.root .. 'feeds', name) then make_room(s) end
  redis.call('ZADD', s.root .. 'feeds', 'GT', int(s.now), name)
  if s.now > num(redis.call('HGET', s.root .. 'source_last', name), 0) then
    redis.call('HSET', s.root .. 'source_last', name, int(s.now))
  end
  redis.call('HINCRBY', s.root .. 'source_events', name, 1)
end

-- ---- what daemons report ---------------------------------------------------------------------

local function unpacked(text) return has(text) and pairs_from(cmsgpack.unpack(text), 1) or {} end

local function count_reasons(s, name)
  local count = 0
  for _, field in ipairs(redis.call('HKEYS', key(s, name))) do
    if string.sub(field, 1, 2) == 'r:' then count = count + 1 end
  end
  return count
end

-- A daemon counts from its start on: what it counts more than it did before is new.
local function add_rejects(s, name, before, now)
  for field, count in pairs(now) do
    local more = string.sub(field, 1, 2) == 'r:' and num(count, 0) - num(before[field], 0) or 0
    if more > 0 then
      if redis.call('HEXISTS', key(s, name), field) == 0 and count_reasons(s, name) >= MOST_REASONS then
        field = 'r:other reasons'
      end
      redis.call('HINCRBY', key(s, name), field, int(more))
      redis.call('HINCRBY', key(s, name), 'rejects', int(more))
    end
  end
end

-- rb1_feed(now, daemon, name, heard, fields...) -> ok feed | later
-- heard: when this daemon last heard it, or ''.  fields: state (up, down, pushes; '' where it
-- was not asked yet), why, clock_ms, waiting, and r:REASON how often since the daemon started.
-- The answer is what was known before: when any daemon last heard it.
-- later: the daemon has not ticked yet.
recoverer('rb1_feed', function(s, args)
  local daemon, name, heard = args[2], args[3], math.min(num(args[4], 0), s.now)
  if not recovery.was_there(s, daemon) then return { 'later' } end
  local by, list = s.root .. 'feed_by:' .. name, { unpack(args, 5) }
  local before, now = redis.call('HGET', by, daemon), cmsgpack.pack(list)
  local heard_until = num(redis.call('HGET', key(s, name), 'heard_until'), 0)
  if not redis.call('ZSCORE', s.root .. 'feeds', name) then
    make_room(s)
    redis.call('ZADD', s.root .. 'feeds', int(s.now), name)
  end
  if heard > heard_until then redis.call('HSET', key(s, name), 'heard_until', int(heard)) end
  if before ~= now then
    add_rejects(s, name, unpacked(before), pairs_from(list, 1))
    redis.call('HSET', by, daemon, now)
  end
  return { 'ok', section('feed', { heard_until = heard_until }) }
end)

-- What the daemons that live say together: it is up while any of them has it up;
-- nil where none asks it.
local function together(s, name, living)
  local flat, sum = redis.call('HGETALL', s.root .. 'feed_by:' .. name), { waiting = 0 }
  for i = 1, #flat, 2 do
    if living[flat[i]] then
      local r = unpacked(flat[i + 1])
      sum.waiting = sum.waiting + num(r.waiting, 0)
      if has(r.clock_ms) then sum.clock_ms = r.clock_ms end
      if r.state == 'up' then
        sum.state, sum.why = 'up', nil
      elseif r.state == 'down' and sum.state ~= 'up' then
        sum.state, sum.why = 'down', r.why
      elseif r.state == 'pushes' then
        sum.pushes = true
      elseif r.state == '' then
        sum.begins = true
      end
    end
  end
  return sum
end

local function forget_gone(s, name)
  local by = s.root .. 'feed_by:' .. name
  for _, daemon in ipairs(redis.call('HKEYS', by)) do
    if not recovery.was_there(s, daemon) then redis.call('HDEL', by, daemon) end
  end
end

-- ---- up and down -----------------------------------------------------------------------------

local function tell(s, what, name, since, why)
  log.add(s, 'alert', nil, { alert = what, source = name, since = since, why = why,
    key = what .. '-' .. name .. '-' .. int(since) })
end

-- Nobody lived who could have heard it: what comes begins now.
local function begin_anew(s, name)
  if redis.call('HEXISTS', key(s, name), 'told') == 0 then
    redis.call('HDEL', key(s, name), 'state', 'since', 'why')
  end
  redis.call('HSET', key(s, name), 'from', int(s.now))
end

local function changed(s, name, f, sum)
  if has(f.told) and sum.state == 'up' then
    log.add(s, 'source-up', nil, { source = name, since = num(f.since), down_ms = s.now - num(f.since, s.now) })
  end
  redis.call('HDEL', key(s, name), 'told', 'why')
  redis.call('HSET', key(s, name), 'state', sum.state, 'since', int(s.now))
  if sum.state == 'up' then redis.call('HSET', key(s, name), 'from', int(s.now)) end
  f.state, f.since, f.told, f.why = sum.state, s.now, nil, nil
  if sum.state == 'up' then f.from = s.now end
end

-- What they say means, where it was asked before: those that live may have another
-- file, or not get through to it at all.
local function settle(s, name, f, sum)
  if sum.state or sum.begins or not f.state then return end
  if sum.pushes then
    redis.call('HDEL', key(s, name), 'state', 'since', 'why', 'told')
  else
    sum.state, sum.why = 'down', 'no daemon asks it'
  end
end

-- judge: is it up, and since when not.
local function judge(s, name, f, living)
  local sum = together(s, name, living)
  settle(s, name, f, sum)
  if not sum.state then return end
  if sum.state ~= f.state then changed(s, name, f, sum) end
  if sum.state == 'up' then return end
  if has(sum.why) and sum.why ~= f.why then redis.call('HSET', key(s, name), 'why', sum.why) end
  if not has(f.told) and s.now - num(f.since, s.now) >= (policy.source(s, name).down_after or 20000) then
    redis.call('HSET', key(s, name), 'told', int(s.now))
    tell(s, 'source-down', name, num(f.since), sum.why)
  end
end

-- ---- silent, and heard again -----------------------------------------------------------------

-- The hours in which it should be heard: of the queues that it serves, or of all.
local function calendars(s, rules)
  local queues, names, seen = rules.serves or {}, {}, {}
  if #queues == 0 then queues = policy.queue_names(s) end
  for _, queue in ipairs(queues) do
    local settings = policy.queue(s, queue)
    if settings and not seen[settings.hours] then
      seen[settings.hours] = true
      names[#names + 1] = settings.hours
    end
  end
  return names
end

local function length(spans)
  local ms = 0
  for _, span in ipairs(spans) do ms = ms + span[2] - span[1] end
  return ms
end

local DAY_MS = 86400000

-- How long it was open since base.  Calendars do not reach back for ever: what is
-- more than a day ago is kept as a sum.
local function open_since(s, name, f, names, base)
  local sum, from = 0, base
  if num(f.quiet_base) == base then sum, from = num(f.quiet_ms, 0), num(f.quiet_at, base) end
  sum = sum + length(calendar.spans(s, names, from, s.now))
  if s.now - from > DAY_MS then
    redis.call('HSET', key(s, name), 'quiet_base', int(base), 'quiet_ms', int(sum), 'quiet_at', int(s.now))
  end
  return sum
end

local function minutes(ms)
  local n = math.floor(ms / 60000)
  if n < 120 then return int(n) .. ' min' end
  return int(math.floor(n / 60)) .. ' h'
end

-- Why its silence is worth an alert, or nil.
local function too_silent(s, name, f, rules, base)
  local names = calendars(s, rules)
  local limit = rules.silent_after or 0
  local open = limit > 0 and open_since(s, name, f, names, base) or 0
  if limit > 0 and open >= limit then return 'nothing heard for ' .. minutes(open) .. ' of opening hours' end
  if rules.silent_usual == false then return nil end
  local expected = usual.expected(s, name, names, base)
  if expected >= usual.ENOUGH then
    return 'nothing heard, where about ' .. int(math.floor(expected)) .. ' events are usual'
  end
end

local function spoken_again(s, name, f, last)
  if last <= num(f.silent_at, 0) then return end
  local since = num(f.silent_since, last)
  redis.call('HDEL', key(s, name), 'silent_at', 'silent_since')
  redis.call('HSET', key(s, name), 'from', int(s.now))
  log.add(s, 'source-heard', nil, { source = name, since = since, silent_ms = last - since })
end

-- listen: since it last told an event, or since somebody hears what it tells.
local function listen(s, name, f, last)
  local rules = policy.source(s, name)
  if has(f.silent_at) then return spoken_again(s, name, f, last) end
  local base = math.max(last, num(f.from, s.now))
  local why = too_silent(s, name, f, rules, base)
  if not why then return usual.learn(s, name, f, calendars(s, rules)) end
  local since = last > 0 and last or base
  redis.call('HSET', key(s, name), 'silent_at', int(s.now), 'silent_since', int(since))
  tell(s, 'source-silent', name, since, why)
end

local LISTEN_MS = 10000

-- Silence takes minutes: it is looked at six times in one, by whichever daemon.
local function time_to_listen(s)
  local at = num(redis.call('HGET', s.root .. 'site', 'listened'), 0)
  if s.now >= at and s.now - at < LISTEN_MS then return false end
  redis.call('HSET', s.root .. 'site', 'listened', int(s.now))
  return true
end

local function fields_of(s, name)
  local flat, f = redis.call('HGETALL', key(s, name)), {}
  for i = 1, #flat, 2 do f[flat[i]] = flat[i + 1] end
  return f
end

-- look: at all that the configuration names; alone: until now no daemon lived.
-- A tick that is told again after a failover is long past.
function source.look(s, alone)
  local names = policy.source_names(s)
  if s.fact or #names == 0 then return end
  local living, listens = recovery.living(s), time_to_listen(s)
  for _, name in ipairs(names) do
    if alone then begin_anew(s, name) end
    local f = fields_of(s, name)
    judge(s, name, f, living)
    if not has(f.from) then redis.call('HSETNX', key(s, name), 'from', int(s.now)) end
    if listens then
      forget_gone(s, name)
      if f.state ~= 'down' then
        listen(s, name, f, num(redis.call('HGET', s.root .. 'source_last', name), 0))
      end
    end
  end
end

-- ---- what people look at ---------------------------------------------------------------------

local function told(s, name, living)
  local f, sum = fields_of(s, name), together(s, name, living)
  local rules = configured(s, name) and policy.source(s, name) or {}
  local asked = has(sum.state) or sum.begins or (has(rules.type) and has(f.state))
  local why = sum.why or (sum.begins and 'not connected yet') or 'no daemon asks it'
  local state = asked and (sum.state or 'down') or 'pushes'
  -- Since when it was another state is nothing to tell of this one.
  local answer = { section('source', { name = name, type = rules.type,
    state = state, since = asked and f.state == state and f.since or nil,
    why = asked and sum.state ~= 'up' and why or nil,
    last_at = redis.call('HGET', s.root .. 'source_last', name),
    events = num(redis.call('HGET', s.root .. 'source_events', name), 0),
    waiting = sum.waiting, rejects = num(f.rejects, 0), clock_ms = sum.clock_ms,
    heard_until = f.heard_until, silent = has(f.silent_at) and '1' or '0', silent_since = f.silent_since }) }
  for field, count in pairs(f) do
    local reason = string.match(field, '^r:(.*)$')
    if reason then answer[#answer + 1] = section('reason', { source = name, reason = reason, count = count }) end
  end
  return answer
end

-- A section that is gone, under whose name nothing ever came, was a slip of the pen.
local function was_heard(s, name)
  return redis.call('HEXISTS', s.root .. 'source_last', name) == 1 or
    num(redis.call('HGET', key(s, name), 'rejects'), 0) > 0
end

-- all: those of the configuration first, then the others by name; people who
-- told an event themselves are none.
function source.all(s)
  local names, seen, others = {}, {}, {}
  for _, name in ipairs(policy.source_names(s)) do
    seen[name] = true
    names[#names + 1] = name
  end
  local function add(list)
    for _, name in ipairs(list) do
      if not seen[name] and not is_person(name) and was_heard(s, name) then
        seen[name] = true
        others[#others + 1] = name
      end
    end
  end
  add(redis.call('ZRANGE', s.root .. 'feeds', 0, -1))
  add(redis.call('HKEYS', s.root .. 'source_last'))
  table.sort(others)
  for _, name in ipairs(others) do names[#names + 1] = name end
  local living, answer = recovery.living(s), {}
  for _, name in ipairs(names) do
    for _, part in ipairs(told(s, name, living)) do answer[#answer + 1] = part end
  end
  return answer
end

-- rb1_sources(now) -> ok source... reason...     reason: what of that source was not taken
reader('rb1_sources', function(s)
  local answer = { 'ok' }
  for _, part in ipairs(source.all(s)) do answer[#answer + 1] = part end
  return answer
end)
