-- customer.lua -- the directory, and who a person is.  A person is what merges
-- and what is held: "c:ID" for a customer of the directory, "p:NUMBER" for an
-- unknown caller, "n:ITEM" where a number is shared by many (a company's), so
-- that the calls of different people stay apart.

local function key(s, id) return s.root .. 'customer:' .. id end

function customer.load(s, id)
  if not has(id) then return nil end
  local flat = redis.call('HGETALL', key(s, id))
  if #flat == 0 then return nil end
  local c = {}
  for i = 1, #flat, 2 do c[flat[i]] = flat[i + 1] end
  return c
end

-- by_phone: the customer whose number it is, or nil.
function customer.by_phone(s, phone)
  if not has(phone) then return nil end
  local id = redis.call('HGET', s.root .. 'phones', phone)
  return has(id) and customer.load(s, id) or nil
end

-- tier: one that is set, else by value.
function customer.tier(s, c)
  if has(c.tier) and policy.tier(s, c.tier) then return c.tier end
  return policy.tier_for(s, num(c.value, 0))
end

function customer.own_agent(s, it)
  return has(it.customer) and redis.call('HGET', key(s, it.customer), 'agent') or ''
end

-- number_never: somebody has said of this number that it is never to be rung;
-- one who was forgotten since is known by a digest.
function customer.number_never(s, phone)
  if redis.call('SISMEMBER', s.root .. 'never_call', phone) == 1 then return true end
  local veiled = privacy.veil(s, phone)
  return veiled ~= nil and redis.call('SISMEMBER', s.root .. 'never_veiled', veiled) == 1
end

function customer.mark_number(s, phone, on)
  redis.call(on and 'SADD' or 'SREM', s.root .. 'never_call', phone)
  local veiled = not on and privacy.veil(s, phone)
  if veiled then redis.call('SREM', s.root .. 'never_veiled', veiled) end
end

function customer.never_call(s, it)
  if has(it.phone) and customer.number_never(s, it.phone) then return true end
  return has(it.customer) and redis.call('HGET', key(s, it.customer), 'never_call') == '1'
end

-- mark_never_call: the person does not want to be called, under any number.
function customer.mark_never_call(s, it, on)
  -- One whom the directory does not know gets no half a record there.
  if has(it.customer) and redis.call('EXISTS', key(s, it.customer)) == 1 then
    redis.call('HSET', key(s, it.customer), 'never_call', on and '1' or '0')
  end
  if has(it.phone) then customer.mark_number(s, it.phone, on) end
end

function customer.is_shared(c) return c ~= nil and c.shared == '1' end

function person.of(it, c)
  if customer.is_shared(c) then return 'n:' .. int(it.number) end
  if c then return 'c:' .. c.id end
  if has(it.customer) then return 'c:' .. it.customer end
  if has(it.phone) then return 'p:' .. it.phone end
  return 'n:' .. int(it.number)
end

local function items_of(s, set)
  local list = {}
  for _, number in ipairs(redis.call('SMEMBERS', s.root .. set)) do
    list[#list + 1] = item.load(s, tonumber(number))
  end
  table.sort(list, function(a, b) return a.number < b.number end)
  return list
end

function person.open_items(s, who) return items_of(s, 'person:' .. who) end

-- customer_items: the open items of a customer, also those of a shared number,
-- where each is a person of its own.
function person.customer_items(s, id)
  local list = person.open_items(s, 'c:' .. id)
  for _, it in ipairs(items_of(s, 'shared:' .. id)) do list[#list + 1] = it end
  return list
end

-- window: the calendar of the hours in which the person may be called, by the
-- queue's retry plan on the customer's own clock.
function person.window(s, it)
  local settings = policy.queue(s, it.queue)
  if not has(it.phone) or not has(settings.call_from) then return '' end
  if settings.call_from == '00:00' and settings.call_to == '24:00' then return '' end
  local zone = has(it.zone) and it.zone or policy.field(s, 'timezone')
  return 'window:' .. zone .. '|' .. settings.call_from .. '-' .. settings.call_to
end

-- asleep: the instant at which an item's customer may be called again, where he
-- may not be now; else nil.
function person.asleep(s, it)
  if not has(it.window) then return nil end
  local open, change = calendar.state(s, it.window, s.now)
  if open == false then return change end
end

-- describe: what an item takes over from its customer.
function person.describe(s, it, c)
  it.customer = c and c.id or it.customer or ''
  it.unknown = c and '' or '1'
  if c then
    it.tier = customer.tier(s, c)
    it.name = has(c.name) and c.name or it.name
    it.language = has(c.language) and c.language or it.language
    it.zone = has(c.timezone) and c.timezone or it.zone
  elseif has(it.value) then
    it.tier = policy.tier_for(s, num(it.value, 0))
  else
    it.tier = policy.field(s, 'unknown_caller')
  end
  it.window = person.window(s, it)
end

local function customer_of(s, it)
  if has(it.customer) then return customer.load(s, it.customer) end
  return customer.by_phone(s, it.phone)
end

-- current: whose an item is now.  The directory may have changed while it was
-- held or closed.
function person.current(s, it) return person.of(it, customer_of(s, it)) end

-- catch_up: an item leaves a hold, or was closed and is open again.
function person.catch_up(s, it)
  local c = customer_of(s, it)
  person.describe(s, it, c)
  it.person = person.of(it, c)
end

-- follow: an open item after its customer changed: tier, name, person.  One
-- that is held stays in the hold it is in.
local function follow(s, it, c)
  local before = it.person
  local function change(i)
    person.describe(s, i, c)
    i.person = i.state == states.HELD and before or person.of(i, c)
  end
  item.replace(s, it, change)
  item.save(s, it)
  log.add(s, 'customer-changed', it, {})
end

-- A hold and its items go from one person to another together.
local function rename(s, from, to)
  local owner = redis.call('HGET', s.root .. 'holders', from)
  if not has(owner) or redis.call('HEXISTS', s.root .. 'holders', to) == 1 then return end
  redis.call('HDEL', s.root .. 'holders', from)
  redis.call('HSET', s.root .. 'holders', to, owner)
  redis.call('HSET', s.root .. 'hold:' .. owner, 'person', to)
  for _, it in ipairs(person.open_items(s, from)) do
    if it.state == states.HELD then
      item.replace(s, it, function(i) i.person = to end)
      item.save(s, it)
    end
  end
  for _, it in ipairs(person.open_items(s, to)) do
    if it.state == states.WAITING then
      item.leave(s, it)
      item.enter(s, it)
      item.save(s, it)
      log.add(s, 'held', it, { agent = owner })
    end
  end
end

-- Open items of the numbers and of the id, after a change; at most a few each.
local function follow_all(s, c, id, phones)
  if c and not customer.is_shared(c) then
    for _, phone in ipairs(phones) do rename(s, 'p:' .. phone, 'c:' .. id) end
  end
  local seen = {}
  local function each(list)
    for _, it in ipairs(list) do
      if not seen[it.number] then
        seen[it.number] = true
        follow(s, it, c)
      end
    end
  end
  each(person.customer_items(s, id))
  for _, phone in ipairs(phones) do each(person.open_items(s, 'p:' .. phone)) end
end

local function set_phones(s, id, old, new)
  for _, phone in ipairs(old) do
    if redis.call('HGET', s.root .. 'phones', phone) == id then
      redis.call('HDEL', s.root .. 'phones', phone)
    end
  end
  for _, phone in ipairs(new) do redis.call('HSET', s.root .. 'phones', phone, id) end
end

-- Nobody who is never to be called is left waiting; who is held stays with the
-- agent, who may be talking to him.
local function close_all(s, id)
  for _, it in ipairs(person.customer_items(s, id)) do
    if it.state ~= states.HELD then item.drop(s, it, 'never-call') end
  end
end

-- reference: an id as the log may tell it; not one that is a number or an
-- address of mail.
local function reference(id)
  if string.find(id, '@', 1, true) or string.match(id, '^%+?[%d%s%-]+$') and #id > 6 then return '' end
  return id
end

-- tell: who changed whom; a list that is read in again and says the same is no news.
local function tell(s, old, c)
  if old then
    local same = true
    for field, value in pairs(c) do same = same and old[field] == value end
    for field, value in pairs(old) do same = same and c[field] == value end
    if same then return end
  end
  log.add(s, 'customer-saved', nil, { customer = reference(c.id), what = old and 'changed' or 'created' })
end

-- rb1_customer_put(now, id, fields...) -> created customer | changed customer | phone-taken customer | no-tier
writer('rb1_customer_put', function(s, args)
  local id, fields = args[2], pairs_from(args, 3)
  local phones = split(fields.phones)
  if has(fields.tier) and not policy.tier(s, fields.tier) then return { 'no-tier' } end
  for _, phone in ipairs(phones) do
    local other = redis.call('HGET', s.root .. 'phones', phone)
    if has(other) and other ~= id then
      return { 'phone-taken', section('customer', { id = other, phone = phone }) }
    end
  end
  local old = customer.load(s, id)
  -- Nobody who asked never to be called is forgotten by a list that does not say so.
  if not has(fields.never_call) then fields.never_call = old and old.never_call or '' end
  set_phones(s, id, split(old and old.phones), phones)
  redis.call('DEL', key(s, id))
  redis.call('HSET', key(s, id), 'id', id, 'since', old and old.since or int(s.now))
  for field, value in pairs(fields) do
    if value ~= '' then redis.call('HSET', key(s, id), field, value) end
  end
  redis.call('ZADD', s.root .. 'customers', 0, id)
  for _, phone in ipairs(has(fields.never_call) and phones or {}) do
    customer.mark_number(s, phone, fields.never_call == '1')
  end
  local c = customer.load(s, id)
  follow_all(s, c, id, phones)
  if c.never_call == '1' then close_all(s, id) end
  tell(s, old, c)
  c.tier_now = customer.tier(s, c)
  return { old and 'changed' or 'created', section('customer', c) }
end)

-- Who is held goes on being held, by his number: he may ring again meanwhile.
local function keep_hold(s, id)
  local owner = redis.call('HGET', s.root .. 'holders', 'c:' .. id)
  local h = has(owner) and hold.of(s, owner)
  local it = h and item.load(s, h.primary)
  if it and has(it.phone) then rename(s, 'c:' .. id, 'p:' .. it.phone) end
end

-- erase: the entry of the directory, and its numbers.
function customer.erase(s, c)
  set_phones(s, c.id, split(c.phones), {})
  redis.call('DEL', key(s, c.id))
  redis.call('ZREM', s.root .. 'customers', c.id)
end

-- rb1_customer_delete(now, id) -> ok | none
finisher('rb1_customer_delete', function(s, args)
  local id = args[2]
  local old = customer.load(s, id)
  if not old then return { 'none' } end
  local phones = split(old.phones)
  customer.erase(s, old)
  keep_hold(s, id)
  for _, it in ipairs(person.customer_items(s, id)) do
    it.customer = ''
    item.save(s, it)
  end
  follow_all(s, nil, id, phones)
  log.add(s, 'customer-deleted', nil, { customer = reference(id) })
  return { 'ok' }
end)

local function shown(s, c)
  c.tier_now = customer.tier(s, c)
  return section('customer', c)
end

-- rb1_customer(now, id|"", phone|"") -> ok customer | none
reader('rb1_customer', function(s, args)
  local c = has(args[2]) and customer.load(s, args[2]) or customer.by_phone(s, args[3])
  if not c then return { 'none' } end
  return { 'ok', shown(s, c) }
end)

-- rb1_customers(now, after, count) -> ok customer...       by id, from the one after
reader('rb1_customers', function(s, args)
  local from = has(args[2]) and '(' .. args[2] or '-'
  local answer = { 'ok' }
  for _, id in ipairs(redis.call('ZRANGEBYLEX', s.root .. 'customers', from, '+', 'LIMIT', 0, args[3])) do
    answer[#answer + 1] = shown(s, customer.load(s, id))
  end
  return answer
end)
