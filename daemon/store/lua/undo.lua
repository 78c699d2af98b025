-- undo.lua -- the last act of an agent is taken back for a while: the item is
-- his again as it was, under a new fence; what he got since goes back on top.

-- What an act changes and undo restores.  Calls, severity and texts that came
-- in between stay.
local RESTORED = { 'share', 'base', 'target', 'promise', 'promise_at', 'tries', 'due', 'why', 'given',
  'given_until', 'up', 'appointment', 'queue', 'window', 'cause', 'correction', 'accepted',
  'back_due', 'back_why', 'late_by', 'promised', 'agreed' }

local function key(s, name) return s.root .. 'undo:' .. name end

-- remember: before the act.
function undo.remember(s, name, it, what)
  redis.call('DEL', key(s, name))
  redis.call('HSET', key(s, name), 'number', int(it.number), 'what', what,
    'ages', item.ages(it) and '1' or '0')
  for _, field in ipairs(RESTORED) do
    local value = it[field]
    if type(value) == 'number' then value = string.format('%.17g', value) end
    redis.call('HSET', key(s, name), 'old:' .. field, value or '')
  end
end

-- remember_note: the entry as it stands in the history.
function undo.remember_note(s, name, it, entry)
  redis.call('DEL', key(s, name))
  redis.call('HSET', key(s, name), 'number', int(it.number), 'what', 'note', 'note', entry)
  undo.seal(s, name)
end

-- marks: the act is about to say "never call" of somebody of whom nobody had.
function undo.marks(s, name, it)
  if customer.never_call(s, it) then return end
  redis.call('HSET', key(s, name), 'marks', '1', 'marked', it.customer)
end

-- counts: the act counts among what the agent did today.
function undo.counts(s, name, what) redis.call('HSET', key(s, name), 'counts:' .. what, '1') end

-- forget: what was done last cannot be taken back.
function undo.forget(s, name) redis.call('DEL', key(s, name)) end

-- seal: after it; from here on it can be undone.
function undo.seal(s, name)
  local ms = policy.ms(s, 'undo_ms', 60000)
  redis.call('HSET', key(s, name), 'until', int(s.now + ms))
  redis.call('PEXPIRE', key(s, name), int(ms))
end

local function restore(s, it, u)
  local before = it.promise
  for _, field in ipairs(RESTORED) do
    it[field] = item.typed(field, u['old:' .. field])
  end
  if has(before) and not has(it.promise) then tally.add(s, it.queue, before, -1) end
  -- Only what the act marked: the number may be another customer's by now.
  if u.marks == '1' then
    customer.mark_never_call(s, { phone = it.phone, customer = u.marked }, false)
  end
end

local function uncount(s, name, u)
  for _, what in ipairs({ 'tried', 'done' }) do
    if u['counts:' .. what] == '1' then agent.worked(s, name, what, -1) end
  end
end

-- Somebody else has had the customer since, or he got through: too late.
local function taken_since(s, name, it)
  if it.state == states.CLOSED and it.reason == 'got-through' then return true end
  local holder = redis.call('HGET', s.root .. 'holders', person.current(s, it))
  return it.last_agent ~= name or (has(holder) and holder ~= name)
end

-- What the act put off or closed beside its own item comes back with it.
local function others_back(s, it)
  local function back(other)
    item.leave(s, other)
    item.enter(s, other)
    item.save(s, other)
    log.add(s, 'put-back', other, {})
  end
  for _, other in ipairs(person.open_items(s, it.person)) do
    if other.number ~= it.number and other.state == states.SCHEDULED and other.why == 'with'
        and other.due == it.due then
      back(other)
    end
  end
  if it.state ~= states.CLOSED or it.reason ~= 'never-call' then return end
  for _, number in ipairs(redis.call('ZRANGEBYSCORE', s.root .. 'past:' .. it.person,
    int(it.closed_at), int(it.closed_at))) do
    local other = item.load(s, tonumber(number))
    if other and other.number ~= it.number and other.reason == 'never-call' then back(other) end
  end
end

-- The share goes on from what it was: where it was growing, it has aged meanwhile.
local function take_back(s, it, u)
  others_back(s, it)
  item.leave(s, it)
  restore(s, it, u)
  if u.ages == '1' then it.share = (clock.now(s, it.queue) - it.base) / it.target end
end

-- A note is taken back where it still stands last.
local function undo_note(s, name, it, u)
  redis.call('DEL', key(s, name))
  if not history.drop(s, it.number, u.note) then return { 'nothing' } end
  log.add(s, 'undone', it, { agent = name, what = 'note' })
  return { 'ok', card.item(s, it), section('undone', { what = 'note' }) }
end

-- acted: what he did last with this item and can still take back, or nil.
function undo.acted(s, name, number)
  local v = redis.call('HMGET', key(s, name), 'number', 'what', 'until')
  if num(v[3], 0) > s.now and v[1] == int(number) and v[2] ~= 'note' then return v[2] end
end

local function load_act(s, name)
  local flat, u = redis.call('HGETALL', key(s, name)), {}
  for i = 1, #flat, 2 do u[flat[i]] = flat[i + 1] end
  return u, num(u['until'], 0) > s.now and item.load(s, tonumber(u.number)) or nil
end

-- rb1_undo(now, agent, groups, id) -> held card put_back? | ok item undone | nothing | other item | taken item
-- id: "" or "held" for the last act, whatever it was about.
finisher('rb1_undo', function(s, args)
  local name, id = args[2], args[4] or ''
  agent.seen(s, name, args[3])
  local u, it = load_act(s, name)
  if not it then return { 'nothing' } end
  if id ~= '' and id ~= 'held' and id ~= int(it.number) and string.lower(id) ~= it.uuid then
    return { 'other', card.item(s, it) }
  end
  if u.what == 'note' then return undo_note(s, name, it, u) end
  if taken_since(s, name, it) then return { 'taken', card.item(s, it) } end
  redis.call('DEL', key(s, name))
  local before = hold.of(s, name)
  hold.finish(s, name, 'put-back')
  it = item.load(s, it.number)
  take_back(s, it, u)
  uncount(s, name, u)
  history.add(s, it.number, name, 'undone', u.what)
  hold.regain(s, name, it, 'undone')
  for _, held in ipairs(hold.items(s, name)) do agent.accept(s, name, held.number) end
  local answer = card.answer(s, 'held', it)
  if before and before.person ~= it.person then
    answer[#answer + 1] = card.named(s, 'put_back', item.load(s, before.primary))
  end
  return answer
end)
