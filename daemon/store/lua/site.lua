-- site.lua -- one call's view of the site: its keys, its time, its policy.

-- The time is asked once: Redis's TIME advances inside one function.
local function time_of(root, made_up)
  if has(made_up) then
    if redis.call('EXISTS', root .. 'virtual') == 0 then
      error({ err = 'VIRTUAL a made-up time is only for tests' })
    end
    return tonumber(made_up)
  end
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

local function new(root, now)
  return { root = root, now = now, queues = {}, fields = {}, clocks = {} }
end

-- set_actor: "FROM|BY": where the one who acts came from, and his name.
local function set_actor(s, text) s.from, s.by = string.match(text or '', '^([^|]*)|?(.*)$') end

-- open: a look at the site.  The context is "NOW|EPOCH|FROM|BY": a made-up time
-- (tests), the Redis that the daemon believes in, and where the one who acts
-- came from, with his name; each may be empty.
function site.open(keys, args)
  local root = keys[1] .. ':'
  local now, epoch, actor = string.match(args[1] or '', '^([^|]*)|?([^|]*)|?(.*)$')
  local s = new(root, time_of(root, now))
  s.epoch = epoch
  set_actor(s, actor)
  return s
end

-- begin: before anything is written.  A wall clock that was set back never
-- takes a share away.  False while the site recovers, or has another epoch than
-- the one who asks believes: then nothing may be done.
function site.begin(s)
  local v = redis.call('HMGET', s.root .. 'site', 'seen', 'epoch', 'recovering')
  if has(s.epoch) and (v[2] ~= s.epoch or has(v[3])) then return false end
  local seen = num(v[1], 0)
  if s.now < seen then clock.set_back(s, seen) end
  if s.now ~= seen then redis.call('HSET', s.root .. 'site', 'seen', int(s.now)) end
  return true
end

-- at: the site as it was looked at then, for a fact that is told again.  Only a
-- later time moves its clock on.
function site.at(s, now, fact)
  local past = new(s.root, now)
  past.fact, past.epoch = fact, ''
  set_actor(past, fact.from)
  if now > num(redis.call('HGET', s.root .. 'site', 'seen'), 0) then
    redis.call('HSET', s.root .. 'site', 'seen', int(now))
  end
  return past
end

function site.key(s, ...) return s.root .. table.concat({ ... }, ':') end

-- Which day of the list it is at t: the last that has begun, if a later one is
-- known; else nil.
local function day_in(list, t)
  local today
  for day, at in string.gmatch(list, '([%d-]+)=(%d+)') do
    if tonumber(at) > t then return today end
    today = day
  end
end

-- set_days: when the days of the site's zone begin, "2026-11-22=1795302000000"
-- and so on, from yesterday to the day after tomorrow: so any daemon may write
-- it, whatever its clock shows, and Redis's time says which day it is.  A list
-- without the present is of a clock that is wrong by days.
function site.set_days(s, list)
  local key = s.root .. 'site'
  if day_in(list, s.now) and redis.call('HGET', key, 'days') ~= list then
    redis.call('HSET', key, 'days', list)
  end
end

-- day: the clear day of the site; of UTC while no daemon has told any.
function site.day(s)
  if not s.today then
    local list = redis.call('HGET', s.root .. 'site', 'days')
    s.today = has(list) and day_in(list, s.now) or int(math.floor(s.now / 86400000))
  end
  return s.today
end

-- 0 is Sunday.
local function weekday(day)
  local y, m, d = string.match(day, '^(%d+)-(%d+)-(%d+)$')
  y, m, d = tonumber(y), tonumber(m), tonumber(d)
  if m < 3 then y = y - 1 end
  local months = { 0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4 }
  return (y + math.floor(y / 4) - math.floor(y / 100) + math.floor(y / 400) + months[m] + d) % 7
end

local HOUR_MS, DAY_MS = 3600000, 86400000

-- hour_of_week: which of the 168 hours of the site's week it is at t.  A day that
-- is longer or shorter changes in its first hours: later ones count from its end.
-- Before the days that are known, all days are taken for 24 hours long.
function site.hour_of_week(s, t)
  local list, day, at, ends = redis.call('HGET', s.root .. 'site', 'days'), nil, nil, nil
  for name, begins in string.gmatch(has(list) and list or '', '([%d-]+)=(%d+)') do
    begins = tonumber(begins)
    if not day or begins <= t then
      day, at, ends = name, begins, nil
    elseif not ends then
      ends = begins
    end
  end
  if not day then day, at = '1970-01-01', 0 end
  local off = math.floor((t - at) / DAY_MS)
  if off >= 0 and ends then off = 0 end
  local hour = math.floor((t - at - off * DAY_MS) / HOUR_MS)
  if off == 0 and ends and hour >= 4 then hour = 23 - math.floor((ends - 1 - t) / HOUR_MS) end
  return (weekday(day) + off) % 7 * 24 + math.max(0, math.min(hour, 23))
end

-- acts: somebody who acted elsewhere: a source of events, whose word may have
-- lain in a journal.
function site.acts(s, by, from)
  if has(by) then s.by, s.from = by, from or '' end
end
