-- tick.lua -- what time itself does.  Any daemon may call it, at any time, as
-- often as it likes: what was done is not found again.  At most a few hundred
-- moves a call, others go between.

local BUDGET = 200

local function come_due(s, budget)
  local due = redis.call('ZRANGEBYSCORE', s.root .. 'scheduled', '-inf', int(s.now), 'LIMIT', 0, budget)
  for _, member in ipairs(due) do
    local it = item.load(s, class.number(member))
    item.come_due(s, it)
    item.save(s, it)
    if it.state ~= states.SCHEDULED then log.add(s, 'due', it, {}) end
    waiter.tell(s, it)
  end
  return #due
end

-- The hour after which a customer is not called any more has come.
local function close_windows(s, budget)
  local over = redis.call('ZRANGEBYSCORE', s.root .. 'windows', '-inf', int(s.now), 'LIMIT', 0, budget)
  for _, member in ipairs(over) do
    local it = item.load(s, class.number(member))
    item.leave(s, it)
    item.enter(s, it)
    item.save(s, it)
    log.add(s, 'put-off', it, { why = 'window' })
  end
  return #over
end

-- When something is to be done next, so that the daemon need not ask in vain.
local function next_at(s)
  local at
  for _, key in ipairs({ 'scheduled', 'windows', 'holds', 'outbox' }) do
    local first = redis.call('ZRANGE', s.root .. key, 0, 0, 'WITHSCORES')
    if first[2] and (not at or tonumber(first[2]) < at) then at = tonumber(first[2]) end
  end
  return at
end

-- rb1_tick(now, days, daemon) -> ok tick | more tick      days: as in site.set_days
writer('rb1_tick', function(s, args)
  foreign.look(s)
  local alone = recovery.nobody_lived(s)
  if has(args[3]) then recovery.alive(s, args[3]) end
  if has(args[2]) then site.set_days(s, args[2]) end
  local left = BUDGET
  left = left - hold.expire(s, math.min(left, 50))
  left = left - come_due(s, math.max(left, 10))
  left = left - close_windows(s, math.max(left, 10))
  left = left - ladder.climb(s, math.max(left, 10))
  left = left - ladder.vacate(s, math.max(left, 10))
  waiter.sweep(s)
  if left > 100 then
    left = left - item.purge(s, 50) - history.purge(s, 50) - privacy.purge(s, 50)
    clock.settle_old(s)
    log.trim(s)
  end
  source.look(s, alone)
  return { left <= 0 and 'more' or 'ok', section('tick', { next_at = next_at(s),
    waiting_agents = redis.call('ZCARD', s.root .. 'parked') }) }
end)
