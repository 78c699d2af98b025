-- site.lua -- one call's view of the site: its keys, its time, its policy.

-- The time is asked once: Redis's TIME advances inside one function.
local function time_of(root, made_up)
  if made_up ~= nil and made_up ~= '' then
    if redis.call('EXISTS', root .. 'virtual') == 0 then
      error({ err = 'VIRTUAL a made-up time is only for tests' })
    end
    return tonumber(made_up)
  end
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

function site.open(keys, args, reading)
  local root = keys[1] .. ':'
  local s = { root = root, now = time_of(root, args[1]), queues = {}, fields = {}, clocks = {} }
  if not reading then
    local seen = num(redis.call('HGET', root .. 'site', 'seen'), 0)
    if s.now < seen then clock.set_back(s, seen) end
    if s.now ~= seen then redis.call('HSET', root .. 'site', 'seen', int(s.now)) end
  end
  return s
end

function site.key(s, ...) return s.root .. table.concat({ ... }, ':') end

-- A daemon writes its clear day ("2026-11-22" in the site's zone) at each tick.
function site.day(s)
  if not s.today then
    local day = redis.call('HGET', s.root .. 'site', 'day')
    s.today = has(day) and day or int(math.floor(s.now / 86400000))
  end
  return s.today
end
