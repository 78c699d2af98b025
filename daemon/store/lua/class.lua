-- class.lua -- items that age alike are one sorted set, first come first served
-- within, scored clock - share * target: whatever the clock shows, the share of
-- a member is (clock - score) / target, and the head has the greatest.
--
-- A class is named "queue|pool|tier|kind|severity|target|promise".  The pool
-- says who may pull: "agents", "own=NAME" (one agent alone), "appt=NAME" (an
-- appointment of his), "group=NAME" (one group alone).  The promise is "open",
-- or "kept" once the customer was tried: at risk and late are about the first.
-- The target is part of the name, so a changed policy never changes an old score.

function class.name(it, pool)
  return table.concat({ it.queue, pool, it.tier, it.kind, int(it.severity), int(it.target),
    has(it.promise) and 'kept' or 'open' }, '|')
end

function class.parse(name)
  local part = split(name, '|')
  return { name = name, queue = part[1], pool = part[2], tier = part[3], kind = part[4],
    severity = tonumber(part[5]), target = tonumber(part[6]), promise = part[7] }
end

-- Members begin with the number, padded, so that equal scores keep the order
-- of arrival.
function class.member(number) return string.format('%012.0f', number) end

function class.number(member) return tonumber(member) end

local function key(s, name) return s.root .. 'class:' .. name end
local function pool_key(s, queue, pool) return s.root .. 'pool:' .. queue .. '|' .. pool end

function class.add(s, it, pool)
  it.class = class.name(it, pool)
  redis.call('ZADD', key(s, it.class), int(it.base), class.member(it.number))
  redis.call('SADD', pool_key(s, it.queue, pool), it.class)
  redis.call('SADD', s.root .. 'pools:' .. it.queue, pool)
end

function class.remove(s, it)
  local c = class.parse(it.class)
  redis.call('ZREM', key(s, it.class), class.member(it.number))
  if redis.call('EXISTS', key(s, it.class)) == 0 then
    redis.call('SREM', pool_key(s, c.queue, c.pool), it.class)
    if redis.call('EXISTS', pool_key(s, c.queue, c.pool)) == 0 then
      redis.call('SREM', s.root .. 'pools:' .. c.queue, c.pool)
    end
  end
  it.class = ''
end

-- members: from the head on: {member, score, member, score, ...}
function class.members(s, name, first, last)
  return redis.call('ZRANGE', key(s, name), first, last, 'WITHSCORES')
end

-- members_below: the first count of those with at most this share.
function class.members_below(s, c, share, count)
  local least = math.floor(clock.now(s, c.queue) - share * c.target)
  return redis.call('ZRANGEBYSCORE', key(s, c.name), int(least), '+inf', 'WITHSCORES', 'LIMIT', 0, count)
end

function class.size(s, name) return redis.call('ZCARD', key(s, name)) end

-- count_above: members whose share is at least (or, strictly, more than) it.
function class.count_above(s, c, share, strictly)
  local most = clock.now(s, c.queue) - share * c.target
  return redis.call('ZCOUNT', key(s, c.name), '-inf',
    strictly and '(' .. int(math.ceil(most)) or int(math.floor(most)))
end

function class.pools(s, queue) return redis.call('SMEMBERS', s.root .. 'pools:' .. queue) end

function class.of_pool(s, queue, pool)
  local list = redis.call('SMEMBERS', pool_key(s, queue, pool))
  for i, name in ipairs(list) do list[i] = class.parse(name) end
  return list
end

function class.of_queue(s, queue)
  local list = {}
  for _, pool in ipairs(class.pools(s, queue)) do
    for _, c in ipairs(class.of_pool(s, queue, pool)) do list[#list + 1] = c end
  end
  return list
end
