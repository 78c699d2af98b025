-- privacy.lua -- all that is known of one person: told to whoever asks for it,
-- or forgotten.  A person is a customer of the directory with all his numbers,
-- or a number, or an id that only events have named.
--
-- Items are found by walking all numbers that were ever given, a part a call: an
-- index keeps only the last items of somebody, and of those who have changed
-- their number not even that.
--
-- "forgotten" remembers, for as long as items are kept, who was forgotten when,
-- so that what waits in a journal, or is told late, does not bring him back;
-- "never_veiled" whose numbers are never to be rung.  Both hold digests only.

local LOOKS, CHANGES, SHOWN = 500, 100, 10

-- veil: what stands for a name that is to be known again and not to be read;
-- nil where nobody was ever forgotten.
function privacy.veil(s, who)
  if s.salt == nil then s.salt = redis.call('HGET', s.root .. 'site', 'salt') end
  return s.salt and redis.sha1hex(s.salt .. '|' .. who) or nil
end

local function whom(s, id, phone)
  local c = customer.load(s, id) or customer.by_phone(s, phone)
  local p = { customer = c, id = '', phones = {}, keys = {}, has_phone = {} }
  if c then
    p.id, p.phones = c.id, split(c.phones)
  elseif has(phone) then
    p.phones = { phone }
  else
    p.id = id
  end
  if has(p.id) then p.keys[1] = 'c:' .. p.id end
  for _, number in ipairs(p.phones) do
    p.keys[#p.keys + 1] = 'p:' .. number
    p.has_phone[number] = true
  end
  return p
end

-- Is an item his?  What was filed under another customer of the directory is
-- that one's, whatever number it has: "other".
local function belongs(s, p, id, phone)
  if has(id) and id == p.id then return 'his' end
  if not p.has_phone[phone] then return nil end
  if has(id) and redis.call('EXISTS', s.root .. 'customer:' .. id) == 1 then return 'other' end
  return 'his'
end

-- Calls visit(number) for each of his, and other(number, id) for those that only
-- have his number.  Returns where to go on, or nil at the end.
local function walk(s, p, from, most, visit, other)
  local last = num(redis.call('HGET', s.root .. 'site', 'number'), 0) + 1000
  local number, found = from, 0
  while number <= last and number < from + LOOKS and found < most do
    local v = redis.call('HMGET', s.root .. 'item:' .. int(number), 'customer', 'phone')
    local whose = belongs(s, p, v[1], v[2])
    if whose == 'his' then
      found = found + 1
      visit(number)
    elseif whose == 'other' then
      other(number, v[1])
    end
    number = number + 1
  end
  return number <= last and number or nil
end

-- ---- forgetting ----------------------------------------------------------------

local function held_by_somebody(s, p)
  for _, name in ipairs(redis.call('ZRANGE', s.root .. 'holds', 0, -1)) do
    for _, it in ipairs(hold.items(s, name)) do
      if belongs(s, p, it.customer, it.phone) == 'his' then
        return { 'held', section('holder', { agent = name, number = it.number }) }
      end
    end
  end
end

-- Who did not want to be rung is not rung, although he is not known any more.
local function veil_never_call(s, number)
  if redis.call('SREM', s.root .. 'never_call', number) == 0 then return 0 end
  return redis.call('SADD', s.root .. 'never_veiled', privacy.veil(s, number))
end

local function forget_item(s, p, number, told)
  local it = item.load(s, number)
  if it.state ~= states.CLOSED then
    item.drop(s, it, 'forgotten')
    told.open = told.open + 1
  end
  told.items = told.items + 1
  told.entries = told.entries + item.erase(s, it)
  -- The same event sent once more is known, and is nobody's.
  redis.call('SET', s.root .. 'receipt:' .. it.uuid, 'ignored forgotten', 'PX', int(policy.receipt_ms(s)))
  if has(it.phone) and not p.has_phone[it.phone] then
    local owner = redis.call('HGET', s.root .. 'phones', it.phone)
    if not has(owner) or owner == p.id then told.never_call = told.never_call + veil_never_call(s, it.phone) end
  end
end

-- What agents could still do with an item that is gone, and the words in it.
local function forget_acts(s, gone, told)
  local numbers = {}
  for number in pairs(gone) do numbers[#numbers + 1] = int(number) end
  for _, name in ipairs(redis.call('SMEMBERS', s.root .. 'agents')) do
    if gone[num(redis.call('HGET', s.root .. 'undo:' .. name, 'number'), 0)] then
      told.acts = told.acts + redis.call('DEL', s.root .. 'undo:' .. name)
    end
    local key = s.root .. 'agent:' .. name
    for _, field in ipairs({ 'last_act', 'ran_out' }) do
      local number = string.match(redis.call('HGET', key, field) or '', '^(%d+)|')
      if gone[num(number, 0)] then told.acts = told.acts + redis.call('HDEL', key, field) end
    end
    redis.call('ZREM', s.root .. 'not:' .. name, unpack(numbers))
  end
end

local function forget_person(s, p, told)
  for _, who in ipairs(p.keys) do
    told.words = told.words + history.drop_customer(s, who)
    told.answered = told.answered + redis.call('DEL', s.root .. 'answered:' .. who)
    redis.call('DEL', s.root .. 'dial:' .. who)
  end
  local never = p.customer and p.customer.never_call == '1'
  for _, number in ipairs(p.phones) do
    if never then customer.mark_number(s, number, true) end
    told.never_call = told.never_call + veil_never_call(s, number)
  end
  if p.customer then
    told.directory, told.numbers = 1, #p.phones
    customer.erase(s, p.customer)
  end
end

local function begin_to_forget(s, p, salt)
  redis.call('HSETNX', s.root .. 'site', 'salt', salt)
  for _, who in ipairs(p.keys) do
    redis.call('ZADD', s.root .. 'forgotten', int(s.now), privacy.veil(s, who))
  end
end

-- forgets: an event of before he was forgotten, by its own time.
function privacy.forgets(s, e, told_at)
  if redis.call('EXISTS', s.root .. 'forgotten') == 0 then return false end
  local function before(who)
    local at = redis.call('ZSCORE', s.root .. 'forgotten', privacy.veil(s, who))
    return at and told_at <= tonumber(at)
  end
  return (has(e.phone) and before('p:' .. e.phone)) or (has(e.customer) and before('c:' .. e.customer)) or false
end

-- purge: those of whom nothing that is kept anywhere could be left.
function privacy.purge(s, budget)
  local key = s.root .. 'forgotten'
  local old = redis.call('ZRANGEBYSCORE', key, '-inf', int(s.now - policy.keep_ms(s)), 'LIMIT', 0, budget)
  if #old > 0 then redis.call('ZREM', key, unpack(old)) end
  return #old
end

-- rb1_forget(now, id, phone, cursor, salt, by) -> more forgotten | ok forgotten | held holder
-- cursor: "" at first, then that of the answer, whose figures are of this call.
-- salt: by chance; the site's, where it has none yet.
finisher('rb1_forget', function(s, args)
  local p = whom(s, args[2], args[3])
  local from, before = string.match(args[4], '^(%d+)|(%d+)$')
  if not from then
    local held = held_by_somebody(s, p)
    if held then return held end
    begin_to_forget(s, p, args[5])
  end
  local told = { items = 0, open = 0, entries = 0, words = 0, answered = 0, directory = 0, numbers = 0,
    never_call = 0, acts = 0, others = 0 }
  local gone = {}
  local following = walk(s, p, num(from, 1001), CHANGES, function(number)
    gone[number] = true
    forget_item(s, p, number, told)
  end, function(_, id)
    told.others, told.other = told.others + 1, id
  end)
  if next(gone) then forget_acts(s, gone, told) end
  local sum = num(before, 0) + told.items
  if following then
    told.cursor = int(following) .. '|' .. int(sum)
    return { 'more', section('forgotten', told) }
  end
  forget_person(s, p, told)
  if sum > 0 or told.directory > 0 or told.words > 0 or told.answered > 0 then
    log.add(s, 'forgotten', nil, { by = args[6], items = sum })
  end
  return { 'ok', section('forgotten', told) }
end)

-- ---- telling ---------------------------------------------------------------------

local function tell_person(s, p, answer)
  if p.customer then answer[#answer + 1] = section('customer', p.customer) end
  for _, who in ipairs(p.keys) do
    for _, entry in ipairs(history.of_customer(s, who)) do
      answer[#answer + 1] = section('words', history.parse(entry))
    end
    local times = redis.call('HGETALL', s.root .. 'answered:' .. who)
    for i = 1, #times, 2 do
      answer[#answer + 1] = section('answered', { queue = times[i], at = times[i + 1] })
    end
  end
  for _, number in ipairs(p.phones) do
    if customer.number_never(s, number) then answer[#answer + 1] = section('never', { phone = number }) end
  end
end

local function tell_item(s, number, answer)
  local it = item.load(s, number)
  answer[#answer + 1] = section('item', it)
  for _, entry in ipairs(history.of(s, number)) do
    answer[#answer + 1] = section('history', history.parse(entry))
  end
  if it.state == states.HELD then
    for _, told in ipairs(hold.told(s, it.agent)) do
      local at, text = string.match(told, '^(%d+)|(.*)$')
      answer[#answer + 1] = section('told', { at = at, text = text })
    end
  end
end

-- rb1_export(now, id, phone, cursor) -> ok person customer words answered never item history told page
-- cursor: "" at first, then that of the page; without one that was the last.
-- The history of an item follows it.
reader('rb1_export', function(s, args)
  local p = whom(s, args[2], args[3])
  local answer = { 'ok', section('person', { id = p.id, phones = table.concat(p.phones, ',') }) }
  if not has(args[4]) then tell_person(s, p, answer) end
  local following = walk(s, p, num(args[4], 1001), SHOWN, function(number) tell_item(s, number, answer) end,
    function() end)
  answer[#answer + 1] = section('page', { cursor = following })
  return answer
end)
