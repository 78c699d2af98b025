-- outcome.lua -- what came of a try, and the other acts of an agent on what he
-- holds.  The outcomes themselves are rows of the policy: effect "close",
-- "retry", "stay" or "later"; whether it says that the customer was tried.

-- promise: kept or broken once, by the first outcome that says the customer
-- was tried.
local function settle_promise(s, it)
  if has(it.promise) then return end
  local share = item.share(s, it)
  it.promise = share <= 1 and 'kept' or 'broken'
  it.promise_at = s.now
  it.late_by = share > 1 and math.ceil((share - 1) * it.target) or ''
  it.promised = clock.wall(s, it.queue, clock.now(s, it.queue) + (1 - share) * it.target) or ''
  tally.add(s, it.queue, it.promise)
end

-- The next try after this many, or nil when that was the last.
local function retry_at(s, it, plan)
  local settings = policy.queue(s, it.queue)
  local delays = settings.retry[plan] or settings.retry['no-answer'] or {}
  local days = num(settings.days, 0)
  if days > 0 and s.now - it.since > days * 86400000 then return nil end
  local delay = delays[it.tries]
  return delay and s.now + delay or nil
end

local effects = {}

function effects.close(s, it, what)
  item.leave(s, it)
  item.close(s, it, what.reason)
end

function effects.retry(s, it, what)
  local at = retry_at(s, it, what.plan)
  local tries = it.tries
  item.leave(s, it)
  it.given, it.appointment = '', ''
  if at then return item.schedule(s, it, at, 'retry') end
  item.close(s, it, policy.queue(s, it.queue)['then'] or 'unreachable')
  alert.raise(s, it, 'unreachable', tries, { tries = tries })
end

function effects.later(s, it, _, fields, name)
  item.leave(s, it)
  it.appointment = ''
  it.given = fields.anyone == '1' and '' or name
  item.schedule(s, it, num(fields.at), 'appointment')
end

function effects.stay(s, it, _, _, name)
  -- The promise is part of the class in which one waits whose hold ran out.
  item.replace(s, it, function() end)
  hold.renew(s, name)
end

-- A customer who was not reached is not rung again a moment later about
-- something else: what else is open waits for the same time.
local function others_wait_too(s, name, it)
  for _, other in ipairs(person.open_items(s, it.person)) do
    local ready = other.state == states.WAITING or (other.state == states.HELD and other.agent == name)
    if ready and other.number ~= it.number then
      item.leave(s, other)
      item.schedule(s, other, it.due, 'with')
      item.save(s, other)
      log.add(s, 'put-off', other, { agent = name, why = 'with' })
    end
  end
end

-- Nobody who said "never call me" is left in a queue by another item.
-- Returns their numbers.
local function close_others(s, it)
  local numbers = {}
  for _, other in ipairs(person.open_items(s, it.person)) do
    if other.number ~= it.number then
      item.drop(s, other, 'never-call')
      numbers[#numbers + 1] = int(other.number)
    end
  end
  return table.concat(numbers, ',')
end

local function record(s, it, code, what, fields, name)
  if what.tried then
    settle_promise(s, it)
    it.tries = it.tries + 1
    agent.worked(s, name, 'tried')
    undo.counts(s, name, 'tried')
  end
  if what.effect == 'close' then
    agent.worked(s, name, 'done')
    undo.counts(s, name, 'done')
  end
  it.last_agent = name
  dial.forget(it)
  for _, field in ipairs({ 'cause', 'correction', 'accepted' }) do
    if has(fields[field]) then it[field] = fields[field] end
  end
  history.add(s, it.number, name, 'outcome', code .. (has(fields.note) and ' ' .. fields.note or ''))
end

-- act: the outcome on an item that is the agent's.  Word "ok".
local function act(s, it, code, what, fields, name)
  local h = hold.of(s, name)
  local primary = h and h.primary == it.number
  local held_ms = h and s.now - h.since or nil
  undo.remember(s, name, it, code)
  record(s, it, code, what, fields, name)
  effects[what.effect](s, it, what, fields, name)
  item.save(s, it)
  if what.reason == 'never-call' then
    undo.marks(s, name, it)
    customer.mark_never_call(s, it, true)
    fields.closed_too = close_others(s, it)
  end
  if it.why == 'retry' then others_wait_too(s, name, it) end
  log.add(s, it.state == states.CLOSED and 'closed' or 'tried', it,
    { agent = name, outcome = code, tries = it.tries, held_ms = held_ms })
  if primary and what.effect ~= 'stay' then
    tally.pace(s, it.queue, held_ms)
    hold.finish(s, name, 'put-back')
  end
  undo.seal(s, name)
end

-- Is the item the agent's to act on?  A late outcome counts while nobody else
-- has the customer.  Otherwise: word, section.
local function not_his(s, name, rank, it, fence)
  if it.state == states.HELD and it.agent == name then
    if has(fence) and tonumber(fence) ~= it.fence then return { 'stale', card.item(s, it) } end
    return nil
  end
  if it.state == states.HELD then return { 'taken', card.item(s, it) } end
  local holder = redis.call('HGET', s.root .. 'holders', it.person)
  local elsewhere = has(holder) and holder ~= name
  -- What counted before a failover counts, unless the customer is another's by now.
  local counted = s.fact and (s.fact.word == 'ok' or s.fact.word == 'late')
  if counted and not elsewhere and it.state ~= states.CLOSED then return nil end
  -- He has said what came of it: a second terminal, a second thought.
  local said = not elsewhere and undo.acted(s, name, it.number)
  if said then
    local shown = card.item(s, it)
    shown[#shown + 1], shown[#shown + 2] = 'said', said
    return { 'said', shown }
  end
  if it.state == states.CLOSED then return { 'closed', card.item(s, it) } end
  if rank >= 2 then return nil end
  if elsewhere then
    local shown = card.item(s, it)
    shown[#shown + 1], shown[#shown + 2] = 'agent', holder
    return { 'taken', shown }
  end
  if it.last_agent == name then return nil end
  return { 'not-held', card.item(s, it) }
end

-- A late outcome that no longer counts is kept in the history and shown to
-- whoever has the customer now.
local function keep_late(s, name, it, code, fields)
  local had_it = s.fact or redis.call('SISMEMBER', s.root .. 'hands:' .. int(it.number), name) == 1
  if not had_it then return false end
  history.add(s, it.number, name, 'late', code .. (has(fields.note) and ' ' .. fields.note or ''))
  local holder = redis.call('HGET', s.root .. 'holders', it.person)
  if has(holder) and holder ~= name then
    hold.tell(s, holder, name .. ' tried before you: ' .. code .. '.')
  end
  log.add(s, 'late', it, { agent = name, outcome = code })
  return true
end

-- The answer was lost and the request came again: say the same.  "held" may
-- mean another item by now, so the fence tells what was meant; without one it is
-- the same act while the item has not been taken again.  Returns the item.
local function repeat_of(s, name, id, code, fields, fence)
  local last = redis.call('HGET', s.root .. 'agent:' .. name, 'last_act') or ''
  local number, of, done = string.match(last, '^(%d+)|(%d*)|(.*)$')
  if done ~= code .. '|' .. redis.sha1hex(fields.note or '') then return nil end
  if has(fence) and fence ~= of then return nil end
  local it = item.load(s, tonumber(number))
  if not it then return nil end
  if not has(fence) and it.state == states.HELD then return nil end
  local named = id == number or string.lower(id) == it.uuid or (id == 'held' and has(fence))
  return named and it or nil
end

local function remember_act(s, name, it, code, fields, fence)
  redis.call('HSET', s.root .. 'agent:' .. name, 'last_act',
    table.concat({ int(it.number), fence, code, redis.sha1hex(fields.note or '') }, '|'))
end

local function missing(s, it, what, fields)
  if it.kind ~= 'complaint' or what.effect ~= 'close' or what.reason ~= 'done' then return nil end
  local list = {}
  for _, field in ipairs(policy.queue(s, it.queue).close_needs or {}) do
    if not has(fields[field]) and not has(it[field]) then list[#list + 1] = field end
  end
  return #list > 0 and table.concat(list, ',') or nil
end

local function known_outcomes(s)
  local names = {}
  for name in pairs(policy.outcomes(s)) do names[#names + 1] = name end
  table.sort(names)
  return section('outcomes', { known = table.concat(names, ',') })
end

-- Appointments are kept in the queue's hours: nobody would be there otherwise.
local function closed_then(s, it, at)
  local settings = policy.queue(s, it.queue)
  local open, change = calendar.state(s, settings.hours, at)
  if open == false then
    return { 'closed-then', section('queue', { queue = it.queue, opens = change, at = at }) }
  end
end

-- Nor may it lie outside the hours in which the customer may be called.
local function asleep_then(s, it, at)
  if not has(it.window) then return nil end
  local open, change = calendar.state(s, it.window, at)
  if open == false then
    return { 'asleep-then', section('item', { number = it.number, opens = change, at = at }) }
  end
end

local function check(s, it, code, fields)
  local what = policy.outcomes(s)[code]
  if not what then return nil, { 'unknown', known_outcomes(s) } end
  local needed = missing(s, it, what, fields)
  if needed then return nil, { 'needs', section('needs', { needs = needed, number = it.number }) } end
  if what.effect == 'later' then
    if num(fields.at, 0) <= s.now then return nil, { 'no-time' } end
    local refused = closed_then(s, it, num(fields.at)) or asleep_then(s, it, num(fields.at))
    if refused then return nil, refused end
  end
  return what
end

-- What the agent gets beside the answer when he asked for his next one.
local function with_next(s, answer, name, groups)
  local it = hold.next(s, name, groups)
  local following = it and hold.answer(s, it) or view.nothing(s, name, groups)
  answer[#answer + 1] = section('next', { word = following[1] })
  for i = 2, #following do answer[#answer + 1] = following[i] end
  return answer
end

-- rb1_outcome(now, agent, groups, rank, id, fence, code, fields...) -> ok done closed_too? next? | repeated done next? | late done next? | no-item | unknown | needs | no-time | closed-then | asleep-then | stale | said | taken | closed | not-held
-- fields: note at anyone cause correction accepted next
-- late: it counts, although the hold had run out.
finisher('rb1_outcome', function(s, args)
  local name, groups, rank, fence, code = args[2], args[3], tonumber(args[4]), args[6], args[7]
  local fields = pairs_from(args, 8)
  agent.seen(s, name, groups)
  local word, it = 'repeated', repeat_of(s, name, args[5], code, fields, fence)
  if not it then
    it = item.find(s, args[5], name)
    if not it then return args[5] == 'held' and hold.ran_out(s, name) or { 'no-item' } end
    local refused = not_his(s, name, rank, it, fence)
    if refused then
      if keep_late(s, name, it, code, fields) then refused[#refused + 1] = section('kept', { late = '1' }) end
      return refused
    end
    local what
    what, refused = check(s, it, code, fields)
    if refused then return refused end
    if not has(fence) then fence = has(it.fence) and int(it.fence) or '' end
    word = it.state ~= states.HELD and it.ran_out == name and 'late' or 'ok'
    act(s, it, code, what, fields, name)
    remember_act(s, name, it, code, fields, fence)
    it = item.load(s, it.number)
  end
  local answer = { word, card.named(s, 'done', it) }
  if has(fields.closed_too) then answer[3] = section('closed_too', { numbers = fields.closed_too }) end
  if fields.next == '1' then return with_next(s, answer, name, groups) end
  return answer
end)

local ALONE_MS = 60000

-- What somebody does with what another holds is not the holder's to take back,
-- nor does it leave an older act of his own on top.
local function before_act(s, name, owner, it, what)
  if owner == name then return undo.remember(s, name, it, what) end
  undo.forget(s, name)
  if has(owner) then undo.forget(s, owner) end
end

-- A request that was on its way for long must not end a hold that came after
-- the one it meant.
local function meant_another(it, fence)
  return it.state == states.HELD and has(fence) and tonumber(fence) ~= it.fence
end

-- rb1_release(now, agent, groups, rank, id, reason, fence) -> ok item | no-item | taken | closed | not-held | stale
finisher('rb1_release', function(s, args)
  local name, reason = args[2], args[6]
  agent.seen(s, name, args[3])
  local it = item.find(s, args[5], name)
  if not it then return { 'no-item' } end
  if it.state == states.CLOSED then return { 'closed', card.item(s, it) } end
  if it.state ~= states.HELD then return { 'not-held', card.item(s, it) } end
  if it.agent ~= name and tonumber(args[4]) < 2 then return { 'taken', card.item(s, it) } end
  if meant_another(it, args[7]) then return { 'stale', card.item(s, it) } end
  local owner = it.agent
  before_act(s, name, owner, it, 'release')
  local ms = policy.ms(s, 'not_ms', 1800000)
  -- Where nobody else is there it comes back to him, a little later.
  if agent.alone(s, owner, it.queue) then ms = math.min(ms, ALONE_MS) end
  for _, held in ipairs(hold.items(s, owner)) do agent.refuse(s, owner, held.number, ms) end
  redis.call('HINCRBY', s.root .. 'item:' .. int(it.number), 'releases', 1)
  history.add(s, it.number, name, 'released', reason)
  agent.worked(s, owner, 'released')
  hold.finish(s, owner, 'released')
  it = item.load(s, it.number)
  if owner == name then undo.seal(s, name) end
  return { 'ok', card.item(s, it) }
end)

-- Where to: "up", a queue, an agent.  Returns a change of the item, or a word.
-- kind is 'queue' or 'agent' where the sender has said which, else nil.
local function destination(s, it, to, kind)
  if to == 'up' and not kind then
    local group = ladder.above(s, it)
    if not group then return nil, 'top' end
    return function(i) i.up, i.given = group, '' end
  end
  if kind ~= 'agent' and policy.queue(s, to) then
    return function(i)
      i.queue, i.up, i.given = to, '', ''
    end
  end
  if kind ~= 'queue' and agent.known(s, to) then
    local share = item.share(s, it)
    return function(i)
      i.given, i.up = to, ''
      i.given_until = ladder.given_until(s, i, share)
    end
  end
  return nil, 'nowhere'
end

-- relocate: through leave and enter.  The hold ends with its first item; any
-- other stays with the agent who has the customer.
local function relocate(s, it, change, h)
  if h and h.primary ~= it.number then
    item.replace(s, it, change)
    return item.save(s, it)
  end
  local due, why = it.due, it.why
  local scheduled = it.state == states.SCHEDULED
  item.leave(s, it)
  change(it)
  if h then redis.call('HDEL', s.root .. 'holders', h.person) end
  if scheduled then
    item.schedule(s, it, due, why)
  else
    item.enter(s, it)
  end
  item.save(s, it)
  if h then hold.finish(s, h.agent, 'put-back') end
end

-- Is anybody on duty where it was moved to?
local function someone_there(s, it, to, kind)
  if to == 'up' and not kind then return agent.group_on_duty(s, it.up) end
  if it.given == to then return agent.on_duty(s, to) end
  for _, name in ipairs(agent.of_queue(s, it.queue)) do
    if agent.on_duty(s, name) then return true end
  end
  return false
end

-- rb1_move(now, agent, groups, rank, id, to, note, fence) -> ok item place | no-item | taken | closed | not-held | stale | top | nowhere
-- to: "up", a queue, or an agent; "queue:NAME", "agent:NAME" where it is said which.
finisher('rb1_move', function(s, args)
  local name, rank, to = args[2], tonumber(args[4]), args[6]
  agent.seen(s, name, args[3])
  local it = item.find(s, args[5], name)
  if not it then return { 'no-item' } end
  if it.state == states.CLOSED then return { 'closed', card.item(s, it) } end
  if it.state == states.HELD and it.agent ~= name and rank < 2 then return { 'taken', card.item(s, it) } end
  if it.state ~= states.HELD and rank < 2 then return { 'not-held', card.item(s, it) } end
  if meant_another(it, args[8]) then return { 'stale', card.item(s, it) } end
  local kind, place = string.match(to, '^(%a+):(.*)$')
  to = place or to
  local change, word = destination(s, it, to, kind)
  if not change then return { word, card.item(s, it) } end
  local owner = it.agent
  local h = it.state == states.HELD and hold.of(s, owner) or nil
  before_act(s, name, h and owner or '', it, 'move')
  relocate(s, it, change, h)
  history.add(s, it.number, name, 'moved', to .. (has(args[7]) and ' ' .. args[7] or ''))
  log.add(s, 'moved', it, { agent = name, to = to })
  if to == 'up' and not kind then alert.raise(s, it, 'escalated', it.rev, { to = it.up, agent = name }) end
  waiter.tell(s, it)
  if h and owner == name then undo.seal(s, name) end
  return { 'ok', card.item(s, it), section('place', { on_duty = someone_there(s, it, to, kind) and '1' or '0' }) }
end)

-- rb1_note(now, agent, groups, id, text) -> ok item | no-item
finisher('rb1_note', function(s, args)
  local name = args[2]
  agent.seen(s, name, args[3])
  local it = item.find(s, args[4], name)
  if not it then return { 'no-item' } end
  undo.remember_note(s, name, it, history.add(s, it.number, name, 'note', args[5]))
  if it.agent == name then hold.renew(s, name) end
  log.add(s, 'note', it, { agent = name })
  return { 'ok', card.item(s, it) }
end)
