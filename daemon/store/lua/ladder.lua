-- ladder.lua -- what happens as the share grows: who is told, who may pull, who
-- alone may pull.  An index "ladder:QUEUE" holds for every item that ages the
-- queue clock at which it is to be looked at next.

local function steps(s, queue)
  local settings = policy.queue(s, queue)
  return settings and settings.ladder or {}
end

-- reached_by: the least share from which a step names the group, or nil.
function ladder.reached_by(s, queue, group)
  for _, step in ipairs(steps(s, queue)) do
    if step.to == group then return step.at end
  end
end

-- at_risk: the share from which an item counts as at risk.
function ladder.at_risk(s, queue)
  for _, step in ipairs(steps(s, queue)) do
    if step.alert == 'at-risk' then return step.at end
  end
  return 0.75
end

-- The step that a share has reached, and its place in the list.
local function step_at(list, share)
  local reached
  for i, step in ipairs(list) do
    if share >= step.at then reached = i end
  end
  return reached
end

-- above: the group to which an item is moved up by hand: the ladder's next one
-- with somebody on duty, else simply the next; nil at the top.
function ladder.above(s, it)
  local passed, next_group = not has(it.up), nil
  for _, step in ipairs(steps(s, it.queue)) do
    if step.to ~= 'agents' and step.to ~= 'own-agent' then
      if passed then
        next_group = next_group or step.to
        if agent.group_on_duty(s, step.to) then return step.to end
      end
      passed = passed or step.to == it.up
    end
  end
  return next_group
end

-- The agent whose own the item is by the step: given by name until the ladder's
-- next step, or the customer's own.
local function own_agent(s, it, share, step)
  if has(it.given) and share < num(it.given_until, 0) then return it.given end
  if step and step.to == 'own-agent' then return customer.own_agent(s, it) end
end

-- pool: who may pull the item at this share.  Steps without anybody on duty, or
-- whose people have all just given it back, are passed over.
function ladder.pool(s, it, share)
  if has(it.up) and agent.group_would(s, it.up, it.number) then return 'group=' .. it.up end
  local list = steps(s, it.queue)
  local i = step_at(list, share)
  if has(it.appointment) and has(it.given) and share < 1 and agent.would(s, it.given, it.number) then
    return 'appt=' .. it.given
  end
  local own = own_agent(s, it, share, list[i or 0])
  if has(own) and agent.would(s, own, it.number) then return 'own=' .. own end
  while i and list[i] do
    local step = list[i]
    local tried = has(it.promise) and step.to ~= 'own-agent'
    if step.to == 'agents' or not step.only or tried then return 'agents' end
    if step.to ~= 'own-agent' and agent.group_would(s, step.to, it.number) then return 'group=' .. step.to end
    i = i + 1
  end
  return 'agents'
end

-- next_look: the least share above this one at which something changes; nil
-- when nothing does any more.
local function next_look(s, it, share)
  local least
  local function consider(at)
    if at and at > share and (not least or at < least) then least = at end
  end
  for _, step in ipairs(steps(s, it.queue)) do
    consider(step.at)
    -- It came in, or came back, with a share that was not told about.
    local untold = step.at > it.told and step.at <= share and has(step.alert)
    if untold and not has(it.promise) then return share end
  end
  if has(it.given) then consider(num(it.given_until)) end
  if has(it.appointment) then consider(1) end
  return least
end

-- given_until: an item given to somebody by name is his until the next step.
function ladder.given_until(s, it, share)
  for _, step in ipairs(steps(s, it.queue)) do
    if step.at > share then return step.at end
  end
  return share + 1
end

function ladder.plan(s, it, share)
  local at = next_look(s, it, share)
  local key, member = s.root .. 'ladder:' .. it.queue, class.member(it.number)
  if at then
    redis.call('ZADD', key, int(math.ceil(it.base + at * it.target)), member)
  else
    redis.call('ZREM', key, member)
  end
end

function ladder.forget(s, it)
  redis.call('ZREM', s.root .. 'ladder:' .. it.queue, class.member(it.number))
end

-- look_again: after a new policy all thresholds may lie elsewhere.
function ladder.look_again(s, queue)
  local key = s.root .. 'ladder:' .. queue
  redis.call('ZUNIONSTORE', key, 1, key, 'WEIGHTS', 0)
  for _, c in ipairs(class.of_queue(s, queue)) do
    redis.call('ZUNIONSTORE', key, 2, key, s.root .. 'class:' .. c.name, 'WEIGHTS', 0, 0)
  end
  for _, name in ipairs(redis.call('ZRANGE', s.root .. 'holds', 0, -1)) do
    for _, it in ipairs(hold.items(s, name)) do
      if it.queue == queue then redis.call('ZADD', key, 0, class.member(it.number)) end
    end
  end
end

-- came: somebody of these groups has come on duty: what their steps passed over
-- while nobody was there is looked at again.
function ladder.came(s, groups)
  for _, queue in ipairs(policy.queue_names(s)) do
    for _, group in ipairs(groups) do
      if ladder.reached_by(s, queue, group) then
        ladder.look_again(s, queue)
        break
      end
    end
  end
end

-- Who is told of a step: its group, or the next one up that has somebody on duty.
local function told_group(s, list, i)
  for k = i, #list do
    local to = list[k].to
    if to == 'agents' or to == 'own-agent' or agent.group_on_duty(s, to) then return to end
  end
  return list[i].to
end

-- tell: raise the alerts of the steps that the share has passed, each once
-- whatever left, came back or changed meanwhile.  Only about promises that are
-- not yet kept.
local function tell(s, it, share)
  if has(it.promise) then return end
  local list = steps(s, it.queue)
  for i, step in ipairs(list) do
    if has(step.alert) and step.at > it.told and step.at <= share then
      it.told = step.at
      alert.raise(s, it, step.alert, step.at * 100, { to = told_group(s, list, i), used = share })
    end
  end
end

-- An item whose time has come: tell, let it into the pool that is now right.
local function look(s, it)
  local share = item.share(s, it)
  tell(s, it, share)
  if it.state == states.WAITING and item.misplaced(s, it, share) then
    item.leave(s, it)
    item.enter(s, it)
    if it.state == states.SCHEDULED then log.add(s, 'put-off', it, { why = 'window' }) end
  end
  if item.ages(it) then ladder.plan(s, it, item.share(s, it)) end
  item.save(s, it)
end

-- climb: look at what is due in all queues, at most budget items; returns how many.
function ladder.climb(s, budget)
  local done = 0
  for _, queue in ipairs(policy.queue_names(s)) do
    local due = redis.call('ZRANGEBYSCORE', s.root .. 'ladder:' .. queue, '-inf',
      int(clock.now(s, queue)), 'LIMIT', 0, budget - done)
    for _, member in ipairs(due) do
      local it = item.load(s, class.number(member))
      if it and it.queue == queue and item.ages(it) then
        look(s, it)
      else
        redis.call('ZREM', s.root .. 'ladder:' .. queue, member)
      end
      done = done + 1
    end
    if done >= budget then break end
  end
  return done
end

-- vacate: pools of somebody alone who is off duty go to whom the ladder names
-- next; at most budget items.
function ladder.vacate(s, budget)
  local done = 0
  for _, queue in ipairs(policy.queue_names(s)) do
    for _, pool in ipairs(class.pools(s, queue)) do
      if done < budget and not agent.pool_on_duty(s, pool) then
        for _, c in ipairs(class.of_pool(s, queue, pool)) do
          if done >= budget then break end
          local found = class.members(s, c.name, 0, budget - done - 1)
          for i = 1, #found, 2 do
            look(s, item.load(s, class.number(found[i])))
            done = done + 1
          end
        end
      end
    end
  end
  return done
end
