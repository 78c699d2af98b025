-- card.lua -- an item as it is shown: its record and what is derived from it,
-- and with it the customer, what else is open, and what was before.

local SHOWN = { 'number', 'uuid', 'kind', 'state', 'reason', 'queue', 'tier', 'unknown', 'severity', 'name',
  'phone', 'raw', 'since', 'last_at', 'calls', 'promise', 'promise_at', 'tries', 'why', 'agent', 'fence',
  'text', 'category', 'link', 'language', 'source', 'customer', 'closed_at', 'cause', 'correction',
  'accepted', 'alerted', 'releases', 'up', 'waited_s' }

-- When the promise breaks, by the clock on the wall, and how late it is.
local function due(s, it, fields)
  if has(it.promise) and it.state == states.CLOSED then
    fields.due, fields.late_ms = it.promised, it.late_by
  end
  if it.target == '' or it.state == states.CLOSED or it.state == states.NEW then return end
  local share = item.share(s, it)
  local left = (1 - share) * it.target
  fields.used = math.floor(share * 100)
  fields.target_ms = it.target
  if has(it.promise) then
    fields.late_ms = it.late_by
  elseif left < 0 then
    fields.late_ms = -math.ceil(left)
  end
  if item.ages(it) then
    local at = clock.wall(s, it.queue, it.base + it.target)
    fields.due = at and math.floor(at)
  end
end

local function tries_most(s, it)
  local settings = policy.queue(s, it.queue)
  return settings and #(settings.retry['no-answer'] or {}) + 1 or nil
end

-- The hour that an item has, and why: also of one that was taken before it, and
-- of an appointment whose time has come.
local function hour(it)
  if it.state == states.SCHEDULED then return it.due, it.why end
  if it.state == states.HELD and has(it.back_due) then return it.back_due, it.back_why end
  if item.ages(it) and has(it.appointment) and has(it.agreed) then return it.agreed, 'appointment' end
end

function card.named(s, name, it)
  local fields = {}
  for _, field in ipairs(SHOWN) do fields[field] = it[field] end
  due(s, it, fields)
  fields.tries_max = tries_most(s, it)
  fields.try_at, fields.why = hour(it)
  if fields.why == 'appointment' then
    fields['until'] = fields.try_at + policy.ms(s, 'appointment_ms', 900000)
    if it.state == states.SCHEDULED then fields.agent = it.given end
  end
  if it.state == states.HELD then
    fields.hold_until = num(redis.call('HGET', s.root .. 'hold:' .. it.agent, 'until'))
  elseif has(it.given) and it.state == states.WAITING then
    fields.agent = it.given
  end
  local zone = has(it.zone) and it.zone or policy.field(s, 'timezone')
  fields.timezone = zone
  return section(name, fields)
end

function card.item(s, it) return card.named(s, 'item', it) end

local function customer_section(s, it)
  local c = customer.load(s, it.customer)
  if not c then return nil end
  c.tier = customer.tier(s, c)
  return section('customer', c)
end

-- The last words of an earlier item: who did what when, and what he noted.
local function before(s, number)
  local it = item.load(s, number)
  if not it then return nil end
  local fields = { number = it.number, at = it.closed_at, what = it.reason, agent = it.last_agent }
  for _, entry in ipairs(history.last(s, number, 20)) do
    local h = history.parse(entry)
    if h.type == 'note' then fields.note = h.text end
    if h.type == 'outcome' then
      fields.agent = h.actor
      local words = string.match(h.text, '^%S+ (.*)$')
      if words then fields.note = words end
    end
  end
  return section('before', fields)
end

-- answer: the whole card.
function card.answer(s, word, it)
  local answer = { word, card.item(s, it) }
  local function add(part) if part then answer[#answer + 1] = part end end
  add(customer_section(s, it))
  for _, other in ipairs(person.open_items(s, it.person)) do
    if other.number ~= it.number then add(card.named(s, 'also', other)) end
  end
  for _, number in ipairs(redis.call('ZREVRANGE', s.root .. 'past:' .. it.person, 0, 4)) do
    if tonumber(number) ~= it.number then add(before(s, tonumber(number))) end
  end
  if it.state == states.HELD then
    for _, told in ipairs(hold.told(s, it.agent)) do
      local at, text = string.match(told, '^(%d+)|(.*)$')
      add(section('told', { at = at, text = text }))
    end
  end
  add(dial.shown(s, it))
  local settings = policy.queue(s, it.queue)
  if settings then
    add(section('queue', { say_first = settings.say_first, caller_id = settings.caller_id }))
  end
  return answer
end
