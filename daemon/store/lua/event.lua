-- event.lua -- what sources tell: six types, each in any order and any number
-- of times.  An event is known by its UUID (version 5 over source, type, id);
-- its receipt says what came of it, so a repeat gets the same answer.

local OLDEST_MS = 7 * 86400000

-- receipt: "made N", "merged N", or "<state> <reason>" where no item came of it.
local function receipt_key(s, uuid) return s.root .. 'receipt:' .. uuid end

local function leave_receipt(s, e, text, for_good)
  redis.call('SET', receipt_key(s, e.uuid), text)
  if not for_good then
    redis.call('PEXPIRE', receipt_key(s, e.uuid), int(policy.receipt_ms(s)))
  end
end

local function answer_item(s, word, it)
  return { word, card.item(s, it) }
end

-- An event that makes no item is counted by reason and leaves its receipt.
local function no_item(s, e, state, reason)
  leave_receipt(s, e, state .. ' ' .. reason)
  tally.add(s, e.queue or '', state .. ':' .. reason)
  log.add(s, state, nil, { event = e.type, source = e.source, queue = e.queue, reason = reason })
  return { 'none', section('event', { id = e.uuid, state = state, reason = reason }) }
end

local function repeated(s, e)
  local receipt = redis.call('GET', receipt_key(s, e.uuid))
  if not receipt then return nil end
  local state, rest = string.match(receipt, '^(%S+) (.*)$')
  if state == 'made' or state == 'merged' then
    local it = item.load(s, tonumber(rest))
    if it then return answer_item(s, state == 'made' and 'repeat' or 'merged', it) end
    return { 'none', section('event', { id = e.uuid, state = 'closed', reason = 'long ago' }) }
  end
  return { 'none', section('event', { id = e.uuid, state = state, reason = rest }) }
end

-- The queue: the one named, the dialled number's, the source's, the default.
-- A name that is none must not lose a call.
local function queue_of(s, e, rules)
  if has(e.queue) and policy.queue(s, e.queue) then return e.queue end
  local dialled = has(e.to) and policy.field(s, 'number:' .. e.to)
  if has(dialled) then return dialled, true end
  if has(rules.queue) and policy.queue(s, rules.queue) then return rules.queue end
  return policy.field(s, 'default_queue')
end

local function matches(pattern, number)
  if string.sub(pattern, -1) == '*' then
    return string.sub(number, 1, #pattern - 1) == string.sub(pattern, 1, -2)
  end
  return pattern == number
end

local function is_own_number(rules, number)
  for _, pattern in ipairs(rules.ignore_from or {}) do
    if matches(pattern, number) then return true end
  end
  return false
end

-- Who it is about: the customer named, else the one of the number.
local function whom(s, e)
  if has(e.customer) then
    local c = customer.load(s, e.customer)
    if c then
      if not has(e.phone) then e.phone = string.match(c.phones or '', '^[^,]+') end
      return c
    end
  end
  return customer.by_phone(s, e.phone)
end

local function person_key(e, c) return person.of({ number = 0, customer = e.customer, phone = e.phone }, c) end

-- merge: a repeat of a call.  The item keeps its share and gains severity, up
-- to the limit; nothing is falsely broken.
local function merge(s, e, it)
  local function change(i)
    i.severity = math.min(i.severity + 1, policy.most_severe(s))
  end
  it.calls = it.calls + 1
  it.last_at = math.max(it.last_at, e.time)
  if has(e.waited_s) then it.waited_s = e.waited_s end
  if has(e.text) then history.add(s, it.number, e.source, 'event', e.text) end
  history.add(s, it.number, e.source, 'event', 'rang again')
  if it.state == states.SCHEDULED and it.why == 'retry' then
    -- The customer is at the telephone now: do not wait any longer.
    item.leave(s, it)
    change(it)
    item.enter(s, it)
  else
    item.replace(s, it, change)
  end
  if num(e.callback_at, 0) > s.now and it.state == states.WAITING then
    item.leave(s, it)
    it.given = ''
    item.schedule(s, it, num(e.callback_at), 'appointment')
  end
  if it.state == states.HELD then
    hold.tell(s, it.agent, 'The customer is ringing us again, on ' .. it.queue .. '.')
  end
  item.save(s, it)
  leave_receipt(s, e, 'merged ' .. int(it.number))
  log.add(s, 'merged', it, { source = e.source, calls = it.calls })
  calls.missed(s, e, it, false)
  waiter.tell(s, it)
  return answer_item(s, 'merged', it)
end

local function open_callback(s, who, queue)
  for _, it in ipairs(person.open_items(s, who)) do
    if it.kind == 'call-back' and it.queue == queue then return it end
  end
end

local COPIED = { 'name', 'text', 'category', 'link', 'language', 'source', 'phone', 'raw', 'zone', 'value',
  'waited_s' }

-- The next number; by a fact the one that the item had, if it is still free.
local function new_number(s)
  local old = s.fact and s.fact.number
  if old and redis.call('EXISTS', s.root .. 'item:' .. int(old)) == 0 then
    local last = num(redis.call('HGET', s.root .. 'site', 'number'), 0)
    redis.call('HSET', s.root .. 'site', 'number', int(math.max(last, old - 1000)))
    return old
  end
  s.given_number = redis.call('HINCRBY', s.root .. 'site', 'number', 1) + 1000
  return s.given_number
end

local function blank(s, e, kind)
  local it = { number = new_number(s),
    uuid = e.uuid, kind = kind, state = states.NEW, queue = e.queue, since = e.time, last_at = e.time,
    calls = 1, severity = math.max(1, math.min(num(e.severity, 1), policy.most_severe(s))),
    tries = 0, told = -1, rev = 0, share = 0, base = 0, made_at = s.now, target = '', agent = '',
    promise = '', customer = '', class = '', up = '', given = '', appointment = '', indexed = '' }
  for _, field in ipairs(COPIED) do it[field] = has(e[field]) and e[field] or '' end
  return it
end

-- make: a new item.  What waited before it was told to us has used its share up.
local function make(s, e, c, kind)
  local it = blank(s, e, kind)
  it.customer = c and c.id or (has(e.customer) and e.customer) or ''
  person.describe(s, it, c)
  it.person = person.of(it, c)
  local target = policy.target(s, it.queue, it.tier, kind)
  it.target = target
  it.share = math.max(0, (clock.now(s, it.queue) - clock.at(s, it.queue, e.time)) / target)
  if num(e.callback_at, 0) > s.now then
    it.share = 0
    item.schedule(s, it, num(e.callback_at), 'appointment')
  else
    item.enter(s, it)
  end
  item.save(s, it)
  leave_receipt(s, e, 'made ' .. int(it.number), true)
  history.add(s, it.number, e.source, 'event', e.type)
  tally.add(s, it.queue, 'asked')
  log.add(s, 'made', it, { source = e.source, event = e.type, severity = it.severity })
  calls.missed(s, e, it, true)
  if it.state == states.HELD then
    hold.tell(s, it.agent, kind == 'complaint' and 'A complaint of the same customer has come in.'
      or 'The customer is ringing us, on ' .. it.queue .. '.')
  end
  waiter.tell(s, it)
  return answer_item(s, 'made', it)
end

-- The customer got through at this time; "" stands for any queue.
local function answered_key(s, who) return s.root .. 'answered:' .. who end

local function got_through_after(s, e, who)
  if string.sub(who, 1, 2) == 'n:' then return false end
  local times = redis.call('HMGET', answered_key(s, who), e.queue, '')
  return math.max(num(times[1], 0), num(times[2], 0)) >= e.time
end

local function asks(s, e, c)
  local who = person_key(e, c)
  if calls.talked_at(s, e) then return no_item(s, e, 'answered', 'somebody talked with the caller') end
  if got_through_after(s, e, who) then return no_item(s, e, 'answered', 'got through afterwards') end
  local open = not customer.is_shared(c) and open_callback(s, who, e.queue)
  if open then return merge(s, e, open) end
  return make(s, e, c, 'call-back')
end

local function close_got_through(s, e, it)
  if it.state == states.HELD then
    hold.tell(s, it.agent, 'The customer has just got through to us, on ' .. it.queue .. '.')
    history.add(s, it.number, e.source, 'event', 'got through')
    log.add(s, 'answered', it, { source = e.source })
    return 0
  end
  item.leave(s, it)
  item.close(s, it, 'got-through')
  item.save(s, it)
  history.add(s, it.number, e.source, 'event', 'got through')
  tally.add(s, it.queue, 'got-through')
  log.add(s, 'closed', it, { source = e.source })
  return 1
end

-- The item of a call that was told as missed although somebody talked with the
-- caller: where it stands for this call alone, it is nothing that waits.
-- Returns how many it closed, and the number of the one that it looked after.
local function not_missed(s, e)
  local number = calls.missed_as(s, e)
  local it = number and item.load(s, number)
  if not it or it.state == states.CLOSED or not calls.only_of(s, e, it) then return 0 end
  return close_got_through(s, e, it), number
end

-- talking: somebody talks with the caller now; the end of the call tells for how
-- long.
local function talking(s, e)
  calls.talked(s, e, e.time)
  return no_item(s, e, 'answered', (not_missed(s, e)) > 0 and 'closed what was open' or 'somebody talks')
end

-- How long they talked: as told, or from the time when it was told that they do.
local function talk_ms(s, e)
  local began = calls.talked_at(s, e)
  if has(e.talked_s) then return num(e.talked_s, 0) * 1000 end
  return began and math.max(0, e.time - began)
end

-- answered: closes what was missed before it, by the events' own times,
-- whichever comes first; what was missed in this very call is before it.
local function answered(s, e, c, any_queue)
  local rules = policy.source(s, e.source)
  local talked = talk_ms(s, e)
  calls.talked(s, e, e.time)
  if has(e.talked_s) then calls.lasted(s, e) end
  local closed, done = not_missed(s, e)
  if talked and talked < (rules.answered_min or 0) then
    return no_item(s, e, 'ignored', 'talked too short')
  end
  local who = person_key(e, c)
  if customer.is_shared(c) then return no_item(s, e, 'ignored', 'shared number') end
  local queue = any_queue and '' or e.queue
  local key = answered_key(s, who)
  local last = num(redis.call('HGET', key, queue), 0)
  redis.call('HSET', key, queue, int(math.max(last, e.time)))
  redis.call('PEXPIRE', key, int(OLDEST_MS + 86400000))
  local same_call = calls.missed_as(s, e)
  for _, it in ipairs(person.open_items(s, who)) do
    local here = (any_queue or it.queue == e.queue) and it.number ~= done
    if here and it.kind == 'call-back' and (it.last_at <= e.time or it.number == same_call) then
      closed = closed + close_got_through(s, e, it)
    end
  end
  return no_item(s, e, 'answered', closed > 0 and 'closed what was open' or 'nothing was open')
end

local function feedback(s, e, c)
  if c then
    history.add_customer(s, 'c:' .. c.id, e.source, 'feedback', e.text or '')
  elseif has(e.phone) then
    history.add_customer(s, 'p:' .. e.phone, e.source, 'feedback', e.text or '')
  end
  return no_item(s, e, 'recorded', 'feedback')
end

local function is_call(e) return e.type == 'call.missed' or e.type == 'callback.requested' end

-- Why an event makes no item: state, reason; or nothing.
local function set_aside(s, e, c, rules)
  if e.type == 'call.missed' and has(e.waited_s)
      and num(e.waited_s, 0) * 1000 < (rules.ignore_under or 0) then
    return 'ignored', 'hung up at once'
  end
  if e.type ~= 'complaint' and has(e.phone) and is_own_number(rules, e.phone) then
    return 'ignored', 'own number'
  end
  if (is_call(e) or e.type == 'call.answered') and not has(e.phone) and not c then
    return 'uncallable', has(e.phone_kind) and e.phone_kind or 'no number'
  end
  if is_call(e) and not has(e.phone) then return 'uncallable', 'no number' end
  if is_call(e) and customer.never_call(s, { phone = e.phone, customer = c and c.id }) then
    return 'uncallable', 'never-call'
  end
end

-- What the system calls a queue that is none here, where that can be nothing
-- but a name: the log tells no text of others and no telephone number.
local function as_name(theirs)
  if #theirs <= 32 and string.match(theirs, '^[%w_.-]+$') and not string.match(theirs, '%d%d%d%d%d%d%d') then
    return theirs
  end
end

-- rb1_event(now, uuid, fields...) -> made item | merged item | repeat item | none event
-- fields: type source time phone phone_kind raw to customer queue ... as in the API;
-- by, origin: who pushed it, and from where
writer('rb1_event', function(s, args)
  local e = pairs_from(args, 3)
  e.uuid = args[2]
  site.acts(s, e.by, e.origin)
  policy.tiers(s)
  local known = repeated(s, e)
  if known then return known end
  local told_at = num(e.time, s.now)
  e.time = math.max(math.min(told_at, s.now), s.now - OLDEST_MS)
  local rules = policy.source(s, e.source)
  local named = has(e.queue) and policy.queue(s, e.queue)
  local queue, by_number = queue_of(s, e, rules)
  if has(e.queue) and not named then log.add(s, 'no-queue', nil,
    { source = e.source, queue = queue, theirs = as_name(e.queue) }) end
  e.queue = queue
  source.spoke(s, e.source)
  if privacy.forgets(s, e, told_at) then return no_item(s, e, 'ignored', 'forgotten') end
  if e.type == 'call.talking' then return talking(s, e) end
  if e.type == 'call.ended' then
    if not calls.talked_at(s, e) then return no_item(s, e, 'ignored', 'nobody talked') end
    if calls.has_lasted(s, e) then return no_item(s, e, 'ignored', 'told already') end
    e.type = 'call.answered'
  end
  local c = whom(s, e)
  local state, reason = set_aside(s, e, c, rules)
  if state then
    if e.type == 'call.answered' then calls.talked(s, e, e.time) end
    return no_item(s, e, state, reason)
  end
  if e.type == 'call.answered' then return answered(s, e, c, not named and not by_number) end
  if e.type == 'feedback' then return feedback(s, e, c) end
  if e.type == 'complaint' then return make(s, e, c, 'complaint') end
  return asks(s, e, c)
end)
