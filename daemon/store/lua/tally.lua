-- tally.lua -- today's figures of a queue, for the screens of the day, and the
-- pace at which its customers are handled.

function tally.add(s, queue, what, by)
  local key = s.root .. 'tally:' .. site.day(s)
  redis.call('HINCRBY', key, queue .. '|' .. what, by or 1)
  redis.call('EXPIRE', key, 3 * 86400)
end

function tally.today(s)
  local flat, figures = redis.call('HGETALL', s.root .. 'tally:' .. site.day(s)), {}
  for i = 1, #flat, 2 do figures[flat[i]] = tonumber(flat[i + 1]) end
  return figures
end

-- pace: a moving mean of how long a customer of the queue is held.
function tally.pace(s, queue, held_ms)
  if not held_ms then return end
  local key = s.root .. 'pace'
  local mean = num(redis.call('HGET', key, queue), held_ms)
  redis.call('HSET', key, queue, int(mean + (held_ms - mean) / 8))
end

function tally.pace_ms(s, queue) return num(redis.call('HGET', s.root .. 'pace', queue)) end
