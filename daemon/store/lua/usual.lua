-- usual.lua -- how many events of a source are usual in which hour of the week, by
-- the site's clock: a moving mean of the last weeks, for each hour of opening
-- time.  "feed_week:NAME": hour of the week -> "RATE:WEEKS".

local HOUR_MS, WEEK_MS = 3600000, 7 * 86400000
-- Two weeks must be known; older than about four is forgotten.
local LEAST_WEEKS, WEEKS = 2, 4
-- Less of an hour says nothing about it.
local LEAST_OPEN_MS = 15 * 60000
-- If so many are usual and none comes, that is no chance: e^-10 is 1 in 22,000.
usual.ENOUGH = 10

local function key(s, name) return s.root .. 'feed_week:' .. name end

local function parse(text)
  local rate, weeks = string.match(text or '', '^([%d.]+):(%d+)$')
  return num(rate, 0), num(weeks, 0)
end

local function open_in(s, names, from, to)
  local ms = 0
  for _, span in ipairs(calendar.spans(s, names, from, to)) do ms = ms + span[2] - span[1] end
  return ms
end

-- An hour is over in which it could be heard all the time.
local function fold(s, name, names, hour, count)
  local open = open_in(s, names, hour, hour + HOUR_MS)
  if open < LEAST_OPEN_MS then return end
  local slot = int(site.hour_of_week(s, hour))
  local mean, weeks = parse(redis.call('HGET', key(s, name), slot) or '')
  weeks = math.min(weeks + 1, 1000)
  mean = mean + (count * HOUR_MS / open - mean) / math.min(weeks, WEEKS)
  redis.call('HSET', key(s, name), slot, string.format('%.3f:%d', mean, weeks))
end

local function begin_hour(s, name, hour, events)
  redis.call('HDEL', s.root .. 'feed:' .. name, 'hour_count')
  redis.call('HSET', s.root .. 'feed:' .. name, 'hour', int(hour), 'hour_events', int(events))
end

-- learn: an hour is learnt when something has come after it: until then it may be
-- the beginning of a silence that is worth an alert, and none of those is usual.
function usual.learn(s, name, f, names)
  local hour, at, before = s.now - s.now % HOUR_MS, num(f.hour), num(f.hour_events, 0)
  if at == hour then return end
  local events = num(redis.call('HGET', s.root .. 'source_events', name), 0)
  if not at or at > hour or num(f.from, s.now) > at or hour - at > WEEK_MS or events < before then
    return begin_hour(s, name, hour, events)
  end
  local count = num(f.hour_count)
  if not count then
    redis.call('HSET', s.root .. 'feed:' .. name, 'hour_count', int(events - before))
  elseif events ~= before + count then
    for i = at, hour - HOUR_MS, HOUR_MS do fold(s, name, names, i, i == at and count or 0) end
    begin_hour(s, name, hour, before + count)
  end
end

-- expected: how many would have been usual since then, while it was open; what is
-- not known counts for nothing, nor what is more than a week ago.
function usual.expected(s, name, names, since)
  local flat, week, sum = redis.call('HGETALL', key(s, name)), {}, 0
  if #flat == 0 then return 0 end
  for i = 1, #flat, 2 do week[tonumber(flat[i])] = flat[i + 1] end
  local spans = calendar.spans(s, names, math.max(since, s.now - WEEK_MS), s.now)
  for i = #spans, 1, -1 do
    local from, to = spans[i][1], spans[i][2]
    while to > from and sum < usual.ENOUGH do
      local begins = math.max(from, math.ceil(to / HOUR_MS) * HOUR_MS - HOUR_MS)
      local rate, weeks = parse(week[site.hour_of_week(s, begins)])
      if weeks >= LEAST_WEEKS then sum = sum + rate * (to - begins) / HOUR_MS end
      to = begins
    end
  end
  return sum
end
