-- dial.lua -- calling a customer back through a telephone system, as far as the
-- site knows of it.  What became of the call is shown to the agent, with the
-- outcome that it proposes; nothing is recorded by itself, because a customer's
-- voicemail answers as he does.
--
-- Of an item while it is held: call (the UUID of the attempt), call_of (the
-- person then), call_at (when it was ordered), call_state, and at its end
-- call_result, call_outcome, call_talked_s.  "dial:PERSON" is "CALL|AGENT|UNTIL": one attempt a customer,
-- also when the item has gone elsewhere meanwhile.  The daemon that makes the
-- call renews it; that of a daemon which died ends by time.

local ALIVE_MS = 90000

local function key(s, who) return s.root .. 'dial:' .. who end

-- live: the attempt at this person: call, agent; or nil.
local function live(s, who)
  local text = redis.call('GET', key(s, who)) or ''
  local call, name, ends = string.match(text, '^([^|]*)|([^|]*)|(%d+)$')
  if call and tonumber(ends) > s.now then return call, name end
end

local function mark(s, who, call, name)
  redis.call('SET', key(s, who), table.concat({ call, name, int(s.now + ALIVE_MS) }, '|'))
  redis.call('PEXPIRE', key(s, who), ALIVE_MS)
end

-- forget: the item goes out of the hands in which it was called.
function dial.forget(it)
  if not has(it.call) then return end
  for _, field in ipairs({ 'call', 'call_at', 'call_state', 'call_result', 'call_outcome', 'call_talked_s' }) do
    it[field] = ''
  end
end

-- shown: the attempt at an item that is held, for its card; or nil.
function dial.shown(s, it)
  if it.state ~= states.HELD or not has(it.call) then return nil end
  local fields = { call = it.call, called_at = it.call_at, state = it.call_state, result = it.call_result,
    outcome = it.call_outcome, talked_s = it.call_talked_s }
  if not has(it.call_result) and live(s, it.call_of) ~= it.call then
    fields.state, fields.result = 'ended', 'lost'
  end
  return section('calling', fields)
end

-- Why he may not call it now: word, section; or nothing.
local function refusal(s, name, it, fence)
  if it.state == states.CLOSED then return { 'closed', card.item(s, it) } end
  if it.state ~= states.HELD then return { 'not-held', card.item(s, it) } end
  if it.agent ~= name then return { 'taken', card.item(s, it) } end
  if has(fence) and tonumber(fence) ~= it.fence then return { 'stale', card.item(s, it) } end
  local about = { number = it.number }
  if not has(it.phone) then return { 'no-number', section('item', about) } end
  if customer.never_call(s, it) then return { 'never-call', section('item', about) } end
  about.opens = person.asleep(s, it)
  if about.opens then return { 'window', section('item', about) } end
  about.call, about.agent = live(s, it.person)
  if about.call then return { 'calling', section('item', about) } end
end

-- rb1_dial(now, agent, groups, id, fence, call, phone) -> ok dial | no-item | closed | not-held | taken | stale | no-number | never-call | window | calling | no-phone
-- phone: another than the agent's own, or "".  The answer says whom to ring.
finisher('rb1_dial', function(s, args)
  local name, call, phone = args[2], args[6], args[7]
  agent.seen(s, name, args[3])
  local it = item.find(s, args[4], name)
  if not it then return args[4] == 'held' and hold.ran_out(s, name) or { 'no-item' } end
  local refused = refusal(s, name, it, args[5])
  if refused then return refused end
  if not has(phone) then phone = agent.phone(s, name) end
  if not has(phone) then return { 'no-phone', section('item', { number = it.number }) } end
  dial.forget(it)
  it.call, it.call_of, it.call_at, it.call_state = call, it.person, int(s.now), 'agent'
  item.save(s, it)
  mark(s, it.person, call, name)
  hold.renew(s, name)
  history.add(s, it.number, name, 'calling', '')
  log.add(s, 'calling', it, { agent = name, call = call })
  return { 'ok', section('dial', { number = it.number, phone = phone, to = it.phone, source = it.source,
    caller_id = policy.queue(s, it.queue).caller_id }) }
end)

-- Whose attempt it was when it began.
local function called(it) return has(it.call_of) and it.call_of or it.person end

-- rb1_dialling(now, agent, id, call, state) -> ok | gone
-- The call goes on: told at each new state, and again before it is taken for
-- dead.  gone: the item is in other hands, or the call has ended.
finisher('rb1_dialling', function(s, args)
  local name, call = args[2], args[4]
  local it = item.find(s, args[3], name)
  if not it then return { 'gone' } end
  local who = called(it)
  local ended = it.call == call and has(it.call_result)
  if not ended and (live(s, who) or call) == call then mark(s, who, call, name) end
  if ended or it.call ~= call then return { 'gone' } end
  redis.call('HSET', s.root .. 'item:' .. int(it.number), 'call_state', args[5])
  if it.agent == name then hold.renew(s, name) end
  return { 'ok' }
end)

-- "talked 3:10", "no answer"
local function words(result, talked_s)
  if result ~= 'talked' then return (string.gsub(result, '-', ' ')) end
  local m, sec = math.floor(talked_s / 60), talked_s % 60
  if m < 60 then return string.format('talked %d:%02d', m, sec) end
  return string.format('talked %d:%02d:%02d', math.floor(m / 60), m % 60, sec)
end

-- rb1_dialled(now, agent, id, call, result, outcome, talked_s) -> ok | gone
-- gone: the item is in other hands; only the log tells of it.
finisher('rb1_dialled', function(s, args)
  local name, call, result, talked_s = args[2], args[4], args[5], num(args[7], 0)
  local it = item.find(s, args[3], name)
  if not it then return { 'gone' } end
  local who = called(it)
  local told = { agent = name, call = call, result = result, talked_s = result == 'talked' and talked_s or nil }
  local first = live(s, who) == call
  if first then redis.call('DEL', key(s, who)) end
  if it.call ~= call then
    if first then log.add(s, 'called', it, told) end
    return { 'gone' }
  end
  if has(it.call_result) then return { 'ok' } end
  it.call_state, it.call_result, it.call_outcome = 'ended', result, args[6]
  it.call_talked_s = result == 'talked' and int(talked_s) or ''
  item.save(s, it)
  history.add(s, it.number, name, 'called', words(result, talked_s))
  log.add(s, 'called', it, told)
  return { 'ok' }
end)

-- ---- agents' own telephones ----------------------------------------------------

function agent.phone(s, name) return redis.call('HGET', s.root .. 'agent_phones', name) or '' end

-- rb1_agent_phone(now, agent, phone, by) -> ok       phone: digits, or "" for none
writer('rb1_agent_phone', function(s, args)
  local name, phone = args[2], args[3]
  if has(phone) then
    redis.call('SADD', s.root .. 'agents', name)
    redis.call('HSET', s.root .. 'agent_phones', name, phone)
  else
    redis.call('HDEL', s.root .. 'agent_phones', name)
  end
  log.add(s, 'agent-phone', nil, { agent = name, by = args[4], what = has(phone) and 'set' or 'removed' })
  return { 'ok' }
end)

-- rb1_phones(now) -> ok phone...      whose they are, and who holds somebody
reader('rb1_phones', function(s)
  local answer = { 'ok' }
  local flat = redis.call('HGETALL', s.root .. 'agent_phones')
  for i = 1, #flat, 2 do
    answer[#answer + 1] = section('phone', { agent = flat[i], phone = flat[i + 1],
      holding = num(redis.call('HGET', s.root .. 'hold:' .. flat[i], 'primary')) })
  end
  return answer
end)
