-- alert.lua -- what somebody must see.  An alert is a log entry; the channels
-- are a named cursor on the log whose advance and effects are one call, and an
-- outbox in which every delivery waits until it has succeeded.

-- raise: once; who asks has made sure of that.  which tells it from others of its
-- kind about the item: the key that they make is the same whenever, and by
-- whichever Redis, it is raised.
function alert.raise(s, it, what, which, more)
  it.alerted = what
  redis.call('HSET', s.root .. 'item:' .. int(it.number), 'alerted', what)
  local fields = { alert = what, key = what .. '-' .. int(it.number) .. '-' .. int(which) }
  for field, value in pairs(more) do fields[field] = value end
  if fields.used then fields.used = math.floor(fields.used * 100) end
  log.add(s, 'alert', it, fields)
end

local function wants(channel, what)
  for _, name in ipairs(channel.on) do
    if name == what then return true end
  end
  return false
end

-- What an entry of the log says to channels, or nil: an alert, or that a source is
-- well again, for who wants to hear that, too.
local GOOD_NEWS = { ['source-up'] = true, ['source-heard'] = true }

local function alert_of(fields)
  if fields.type == 'alert' then return fields.alert end
  return GOOD_NEWS[fields.type] and fields.type or nil
end

-- Alerts of one kind within a minute come as one: the first goes at once, what
-- follows is gathered until the minute is over.  Those of a source have no items:
-- the last of them says how it does.
local function put_in_outbox(s, channel, fields)
  local kind = channel.name .. '|' .. fields.alert .. (has(fields.source) and '|' .. fields.source or '')
  local last = redis.call('HMGET', s.root .. 'bursts', kind, kind .. '|id')
  local burst_ms = policy.ms(s, 'burst_ms', 60000)
  local due, id = s.now, channel.name .. '-' .. fields.key
  if redis.call('EXISTS', s.root .. 'outbox:' .. id) == 1 then return end
  local last_at = num(last[1], -burst_ms)
  if s.now - last_at < burst_ms then due = last_at + burst_ms end
  local gathering = last[2]
  if due > s.now and has(gathering) and redis.call('HGET', s.root .. 'outbox:' .. gathering, 'tries') == '0' then
    id = gathering
  else
    redis.call('HSET', s.root .. 'outbox:' .. id, 'id', id, 'channel', channel.name,
      'alert', fields.alert, 'at', fields.at, 'tries', '0', 'numbers', '', 'to', fields.to or '', 'agent', fields.agent or '')
    redis.call('ZADD', s.root .. 'outbox', int(due), id)
    redis.call('HSET', s.root .. 'bursts', kind, int(due), kind .. '|id', id)
  end
  local numbers = redis.call('HGET', s.root .. 'outbox:' .. id, 'numbers')
  redis.call('HSET', s.root .. 'outbox:' .. id, 'numbers', numbers .. ',' .. (fields.number or ''))
  if has(fields.source) then
    redis.call('HSET', s.root .. 'outbox:' .. id, 'at', fields.at, 'source', fields.source,
      'since', fields.since or '', 'why', fields.why or '')
  end
end

-- Read the log on from the cursor, into the outbox.
local function gather(s)
  local cursor = redis.call('HGET', s.root .. 'cursors', 'alerts')
  local entries = redis.call('XRANGE', s.root .. 'log', has(cursor) and '(' .. cursor or '-', '+', 'COUNT', 200)
  for _, entry in ipairs(entries) do
    local fields = {}
    for i = 1, #entry[2], 2 do fields[entry[2][i]] = entry[2][i + 1] end
    fields.alert = alert_of(fields)
    if fields.alert then
      fields.key = fields.key or fields.alert .. '-' .. (fields.source or '') .. '-' .. fields.at
      for _, channel in ipairs(policy.alerts(s)) do
        if wants(channel, fields.alert) then put_in_outbox(s, channel, fields) end
      end
    end
    cursor = entry[1]
  end
  if #entries > 0 then redis.call('HSET', s.root .. 'cursors', 'alerts', cursor) end
  return #entries
end

local ITEMS_TOLD = 50

-- The id under which it is told: another one when more has been gathered since,
-- as after a failover that forgot the first telling.
local function told_as(id, numbers)
  return #numbers > 1 and id .. '+' .. int(#numbers - 1) or id
end

local function delivery(s, id)
  local key = s.root .. 'outbox:' .. id
  local v = redis.call('HMGET', key, 'channel', 'alert', 'at', 'tries', 'numbers', 'to', 'agent',
    'source', 'since', 'why')
  local numbers = split(v[5])
  local answer = { section('alert', { id = told_as(id, numbers), channel = v[1], alert = v[2], at = tonumber(v[3]),
    tries = tonumber(v[4]), count = #numbers, to = v[6], agent = v[7],
    source = v[8], since = num(v[9]), why = v[10] }) }
  for i = 1, math.min(#numbers, ITEMS_TOLD) do
    local it = item.load(s, tonumber(numbers[i]))
    if it then answer[#answer + 1] = card.item(s, it) end
  end
  return answer
end

local function give_up(s, id, what)
  redis.call('DEL', s.root .. 'outbox:' .. id)
  redis.call('ZREM', s.root .. 'outbox', id)
  log.add(s, 'alert-lost', nil, { alert = what })
end

local function in_force(s, name)
  for _, channel in ipairs(policy.alerts(s)) do
    if channel.name == name then return true end
  end
  return false
end

-- The first that is due and whose channel this daemon has: where files differ,
-- another has the other ones.  A channel that was taken out has none.
local function claimable(s, channels)
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', s.root .. 'outbox', '-inf', int(s.now), 'LIMIT', 0, 50)) do
    local v = redis.call('HMGET', s.root .. 'outbox:' .. id, 'channel', 'alert')
    for _, name in ipairs(channels) do
      if name == v[1] then return id end
    end
    if not in_force(s, v[1]) then give_up(s, id, v[2]) end
  end
end

-- rb1_alerts(now, daemon, lease_ms, channels) -> ok alert item... | none | more
-- Claims one delivery of those channels for the daemon, for so long.
writer('rb1_alerts', function(s, args)
  local read = gather(s)
  local id = claimable(s, split(args[4]))
  if not id then return { read == 200 and 'more' or 'none' } end
  local key = s.root .. 'outbox:' .. id
  redis.call('HINCRBY', key, 'tries', 1)
  redis.call('HSET', key, 'daemon', args[2])
  redis.call('ZADD', s.root .. 'outbox', int(s.now + tonumber(args[3])), id)
  return { 'ok', unpack(delivery(s, id)) }
end)

local GIVE_UP_MS = 3 * 86400000
local LONGEST_PAUSE_MS = 3600000

-- rb1_alert_told(now, daemon, id, ok|failed) -> ok | again | lost | gone
finisher('rb1_alert_told', function(s, args)
  local id = string.match(args[3], '^(.-)%+%d+$') or args[3]
  local key = s.root .. 'outbox:' .. id
  local v = redis.call('HMGET', key, 'tries', 'at', 'daemon', 'alert', 'numbers')
  if not v[1] or told_as(id, split(v[5])) ~= args[3] then return { 'gone' } end
  if args[4] == 'ok' then
    redis.call('DEL', key)
    redis.call('ZREM', s.root .. 'outbox', id)
    return { 'ok' }
  end
  if v[3] ~= args[2] then return { 'gone' } end
  if s.now - tonumber(v[2]) > GIVE_UP_MS then
    give_up(s, id, v[4])
    return { 'lost' }
  end
  local pause = math.min(5000 * 2 ^ tonumber(v[1]), LONGEST_PAUSE_MS)
  redis.call('ZADD', s.root .. 'outbox', int(s.now + pause), id)
  return { 'again' }
end)
