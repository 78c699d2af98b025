-- agent.lua -- the people who pull: who serves which queue, who is on duty.
-- Somebody is on duty from his last request until he pauses or has been silent
-- for as long as the policy says.

local function duty_since(s) return int(s.now - policy.ms(s, 'duty_ms', 1800000)) end

-- seen: every request of a person says that he is there.
function agent.seen(s, name, groups)
  local key = s.root .. 'agent:' .. name
  local known = redis.call('HMGET', key, 'paused', 'groups')
  local paused = known[1] == '1'
  -- Who has left a group is nobody on duty in it.
  if known[2] ~= groups then
    for _, group in ipairs(split(known[2])) do redis.call('ZREM', s.root .. 'duty:' .. group, name) end
  end
  redis.call('HSET', key, 'seen', int(s.now), 'groups', groups)
  redis.call('SADD', s.root .. 'agents', name)
  if paused then return end
  local came = not agent.on_duty(s, name)
  redis.call('ZADD', s.root .. 'duty', int(s.now), name)
  for _, group in ipairs(split(groups)) do
    redis.call('ZADD', s.root .. 'duty:' .. group, int(s.now), name)
  end
  if came then ladder.came(s, split(groups)) end
end

-- resume: who asks for his next customer has ended his pause.
function agent.resume(s, name)
  if redis.call('HGET', s.root .. 'agent:' .. name, 'paused') == '1' then
    redis.call('HSET', s.root .. 'agent:' .. name, 'paused', '0')
    log.add(s, 'on-duty', nil, { agent = name })
  end
end

local function off_duty(s, name)
  redis.call('ZREM', s.root .. 'duty', name)
  local groups = redis.call('HGET', s.root .. 'agent:' .. name, 'groups') or ''
  for _, group in ipairs(split(groups)) do redis.call('ZREM', s.root .. 'duty:' .. group, name) end
end

function agent.on_duty(s, name)
  local seen = redis.call('ZSCORE', s.root .. 'duty', name)
  return seen ~= false and tonumber(seen) >= tonumber(duty_since(s))
end

function agent.group_on_duty(s, group)
  return redis.call('ZCOUNT', s.root .. 'duty:' .. group, duty_since(s), '+inf') > 0
end

-- would: he is on duty, and has not just given this item back.
local function refuses(s, name, number)
  local till = redis.call('ZSCORE', s.root .. 'not:' .. name, int(number))
  return till ~= false and tonumber(till) > s.now
end

function agent.would(s, name, number) return agent.on_duty(s, name) and not refuses(s, name, number) end

function agent.group_would(s, group, number)
  for _, name in ipairs(redis.call('ZRANGEBYSCORE', s.root .. 'duty:' .. group, duty_since(s), '+inf')) do
    if not refuses(s, name, number) then return true end
  end
  return false
end

-- alone: nobody else who is on duty serves the queue.
function agent.alone(s, name, queue)
  for _, other in ipairs(agent.of_queue(s, queue)) do
    if other ~= name and agent.on_duty(s, other) then return false end
  end
  return true
end

-- pool_on_duty: may anybody pull from the pool now?
function agent.pool_on_duty(s, pool)
  local kind, name = string.match(pool, '^(%a+)=(.*)$')
  if not kind then return true end
  if kind == 'group' then return agent.group_on_duty(s, name) end
  return agent.on_duty(s, name)
end

function agent.state(s, name)
  if redis.call('HGET', s.root .. 'agent:' .. name, 'paused') == '1' then return 'paused' end
  return agent.on_duty(s, name) and 'on' or 'off'
end

function agent.known(s, name)
  return redis.call('SISMEMBER', s.root .. 'agents', name) == 1
end

-- serves: {queue = factor}.  The set of queues of an agent is kept beside the
-- agents of a queue, so that neither is searched.
function agent.serves(s, name)
  local flat, lines = redis.call('HGETALL', s.root .. 'serves:' .. name), {}
  for i = 1, #flat, 2 do lines[flat[i]] = tonumber(flat[i + 1]) end
  return lines
end

function agent.serves_queue(s, name, queue)
  return redis.call('HEXISTS', s.root .. 'serves:' .. name, queue) == 1
end

function agent.of_queue(s, queue) return redis.call('SMEMBERS', s.root .. 'served:' .. queue) end

-- asker: an agent as the order sees him.
function agent.asker(s, name, groups)
  local refused = {}
  local key = s.root .. 'not:' .. name
  for _, number in ipairs(redis.call('ZRANGEBYSCORE', key, '(' .. int(s.now), '+inf')) do
    refused[tonumber(number)] = true
  end
  return { name = name, groups = split(groups), serves = agent.serves(s, name), refused = refused }
end

-- refuse: the item is not offered to the agent again for a while.
function agent.refuse(s, name, number, ms)
  local key = s.root .. 'not:' .. name
  redis.call('ZREMRANGEBYSCORE', key, '-inf', int(s.now))
  redis.call('ZADD', key, int(s.now + ms), int(number))
  redis.call('PEXPIRE', key, int(ms))
end

function agent.accept(s, name, number)
  redis.call('ZREM', s.root .. 'not:' .. name, int(number))
end

-- worked: what he did today, shown in his status line.
function agent.worked(s, name, what, by)
  local key = s.root .. 'worked:' .. name .. ':' .. site.day(s)
  redis.call('HINCRBY', key, what, by or 1)
  redis.call('EXPIRE', key, 3 * 86400)
end

-- rb1_agent_add(now, queue, agent, factor, by) -> ok | no-queue
writer('rb1_agent_add', function(s, args)
  local queue, name, factor = args[2], args[3], args[4]
  if not policy.queue(s, queue) then return { 'no-queue' } end
  redis.call('SADD', s.root .. 'agents', name)
  redis.call('HSET', s.root .. 'serves:' .. name, queue, factor)
  redis.call('SADD', s.root .. 'served:' .. queue, name)
  log.add(s, 'agent-added', nil, { queue = queue, agent = name, by = args[5] })
  return { 'ok' }
end)

-- rb1_agent_remove(now, queue, agent, by) -> ok | none
finisher('rb1_agent_remove', function(s, args)
  local queue, name = args[2], args[3]
  if redis.call('HDEL', s.root .. 'serves:' .. name, queue) == 0 then return { 'none' } end
  redis.call('SREM', s.root .. 'served:' .. queue, name)
  log.add(s, 'agent-removed', nil, { queue = queue, agent = name, by = args[4] })
  return { 'ok' }
end)

-- rb1_agent_duty(now, agent, groups, on|off|gone) -> ok
-- off: a pause, which only he ends; gone: until he asks for something again.
writer('rb1_agent_duty', function(s, args)
  local name, on = args[2], args[4] == 'on'
  redis.call('HSET', s.root .. 'agent:' .. name, 'paused', args[4] == 'off' and '1' or '0')
  agent.seen(s, name, args[3])
  if not on then off_duty(s, name) end
  log.add(s, on and 'on-duty' or 'off-duty', nil, { agent = name })
  return { 'ok' }
end)

-- rb1_seen(now, name, groups) -> ok
finisher('rb1_seen', function(s, args)
  agent.seen(s, args[2], args[3])
  return { 'ok' }
end)

-- rb1_agents(now) -> ok agent...
reader('rb1_agents', function(s)
  local answer = { 'ok' }
  local names = redis.call('SMEMBERS', s.root .. 'agents')
  table.sort(names)
  for _, name in ipairs(names) do
    local queues = {}
    for queue, factor in pairs(agent.serves(s, name)) do
      queues[#queues + 1] = queue .. '=' .. string.format('%.6g', factor)
    end
    table.sort(queues)
    answer[#answer + 1] = section('agent', {
      agent = name, queues = table.concat(queues, ','), duty = agent.state(s, name),
      phone = agent.phone(s, name),
      seen = num(redis.call('HGET', s.root .. 'agent:' .. name, 'seen')),
      holding = num(redis.call('HGET', s.root .. 'hold:' .. name, 'primary')) })
  end
  return answer
end)

-- rb1_me(now, agent) -> ok me item?
reader('rb1_me', function(s, args)
  local name, waiting, queues = args[2], 0, {}
  for queue in pairs(agent.serves(s, name)) do
    queues[#queues + 1] = queue
    for _, c in ipairs(class.of_queue(s, queue)) do
      if c.pool == 'agents' or c.pool == 'own=' .. name then waiting = waiting + class.size(s, c.name) end
    end
  end
  table.sort(queues)
  local worked = s.root .. 'worked:' .. name .. ':' .. site.day(s)
  local answer = { 'ok', section('me', {
    name = name, queues = table.concat(queues, ','), duty = agent.state(s, name), waiting = waiting,
    phone = agent.phone(s, name),
    done = num(redis.call('HGET', worked, 'done'), 0),
    tried = num(redis.call('HGET', worked, 'tried'), 0) }) }
  local held = item.find(s, 'held', name)
  if held then answer[3] = card.item(s, held) end
  return answer
end)
