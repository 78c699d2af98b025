-- clock.lua -- the queue clock: ms for which a queue has been open.  Stored as
-- (value, at); what lies between at and now is walked on the queue's calendar,
-- so it is exact whoever asks, after any downtime.

-- How far a clock runs on before it is written anew, so that the walk stays short.
local SETTLE_MS = 86400000

local function read(s, queue)
  local c = s.clocks[queue]
  if c then return c end
  local stored = redis.call('HMGET', s.root .. 'clock:' .. queue, 'value', 'at')
  local settings = policy.queue(s, queue)
  c = { value = num(stored[1], 0), at = num(stored[2], s.now), hours = settings and settings.hours or '' }
  s.clocks[queue] = c
  return c
end

-- at: the clock of the queue at the wall time t, which may lie in the past.
function clock.at(s, queue, t)
  local c = read(s, queue)
  if t >= c.at then return c.value + calendar.open_ms(s, c.hours, c.at, t) end
  return c.value - calendar.open_ms(s, c.hours, t, c.at)
end

function clock.now(s, queue)
  local c = read(s, queue)
  if not c.now then c.now = clock.at(s, queue, s.now) end
  return c.now
end

-- wall: the wall time at which the clock shows value (nil: beyond the calendar).
function clock.wall(s, queue, value)
  local c, ahead = read(s, queue), value - clock.now(s, queue)
  if ahead >= 0 then return calendar.after(s, c.hours, s.now, ahead) end
  return calendar.before(s, c.hours, s.now, -ahead)
end

-- open: is the queue open, and until when does that last (nil: for good).
function clock.open(s, queue)
  local open, change = calendar.state(s, read(s, queue).hours, s.now)
  if open == nil then return true, nil end
  return open, change
end

local function write(s, queue, value, at)
  redis.call('HSET', s.root .. 'clock:' .. queue, 'value', int(value), 'at', int(at))
  s.clocks[queue] = nil
end

function clock.settle_all(s)
  for _, queue in ipairs(policy.queue_names(s)) do write(s, queue, clock.now(s, queue), s.now) end
end

function clock.settle_old(s)
  for _, queue in ipairs(policy.queue_names(s)) do
    if s.now - read(s, queue).at > SETTLE_MS then write(s, queue, clock.now(s, queue), s.now) end
  end
end

-- set_back: the wall clock was set back from seen.  Queue clocks go on from
-- what they showed; nothing that has aged grows young.
function clock.set_back(s, seen)
  for _, queue in ipairs(policy.queue_names(s)) do
    local value = clock.at(s, queue, seen)
    write(s, queue, value, s.now)
  end
end
