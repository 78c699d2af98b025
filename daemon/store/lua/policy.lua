-- policy.lua -- the numbered value that all daemons act by.  Functions read it
-- here and nowhere else.

function policy.field(s, name)
  local value = s.fields[name]
  if value == nil then
    value = redis.call('HGET', s.root .. 'policy', name)
    s.fields[name] = value
  end
  return value
end

function policy.ms(s, name, otherwise) return num(policy.field(s, name), otherwise) end

function policy.count(s, name, otherwise) return num(policy.field(s, name), otherwise) end

function policy.keep_ms(s) return policy.ms(s, 'keep_ms', 90 * 86400000) end

function policy.receipt_ms(s) return policy.ms(s, 'receipt_ms', 14 * 86400000) end

local function decoded(s, name, otherwise)
  local cached = s.queues[name]
  if cached == nil then
    local text = policy.field(s, name)
    cached = has(text) and cjson.decode(text) or otherwise
    s.queues[name] = cached
  end
  return cached
end

-- queue: the settings of a queue, or nil when there is none of that name.
function policy.queue(s, name)
  local settings = decoded(s, 'queue:' .. name, false)
  return settings or nil
end

function policy.queue_names(s) return decoded(s, 'queues', {}) end

-- An empty Redis has none yet: a daemon writes it within a second.
function policy.tiers(s)
  return decoded(s, 'tiers', nil) or error({ err = 'NOPOLICY no daemon has written the configuration yet' })
end

function policy.tier(s, name)
  for _, tier in ipairs(policy.tiers(s)) do
    if tier.name == name then return tier end
  end
end

-- tier_for: value decides; the list is sorted, greatest value first.
function policy.tier_for(s, value)
  local tiers = policy.tiers(s)
  for _, tier in ipairs(tiers) do
    if value >= tier.value then return tier.name end
  end
  return tiers[#tiers].name
end

-- target: ms on the queue clock within which the promise is to be kept.
function policy.target(s, queue, tier, kind)
  local override = (policy.queue(s, queue).tiers or {})[tier]
  local own = policy.tier(s, tier) or policy.tiers(s)[#policy.tiers(s)]
  return (override and override[kind]) or own[kind]
end

function policy.weight(s, tier, severity)
  local own = policy.tier(s, tier)
  local severities = decoded(s, 'severities', { 1 })
  return (own and own.weight or 1), (severities[severity] or severities[#severities])
end

function policy.most_severe(s) return #decoded(s, 'severities', { 1 }) end

function policy.source(s, name)
  return decoded(s, 'source:' .. name, nil) or decoded(s, 'source-default', {})
end

-- source_names: those that the configuration names.
function policy.source_names(s) return decoded(s, 'sources', {}) end

function policy.outcomes(s) return decoded(s, 'outcomes', {}) end

function policy.alerts(s) return decoded(s, 'alerts', {}) end

-- What a new policy would drop and something still needs: kind, name, count.
local function still_used(s, fields)
  local kept = {}
  for _, name in ipairs(cjson.decode(fields.queues)) do kept['queue:' .. name] = true end
  for _, tier in ipairs(cjson.decode(fields.tiers)) do kept['tier:' .. tier.name] = true end
  local open = redis.call('HGETALL', s.root .. 'open')
  for i = 1, #open, 2 do
    if not kept[open[i]] and tonumber(open[i + 1]) > 0 then
      local kind, name = string.match(open[i], '^(%a+):(.*)$')
      return kind, name, open[i + 1]
    end
  end
end

-- rb1_policy_put(now, hash, fields...) -> ok number | same number | busy
writer('rb1_policy_put', function(s, args)
  local hash, fields = args[2], pairs_from(args, 3)
  local number = num(policy.field(s, 'number'), 0)
  if policy.field(s, 'hash') == hash then
    return { 'same', section('policy', { number = number }) }
  end
  local kind, name, count = still_used(s, fields)
  if kind then
    return { 'busy', section('policy', { kind = kind, name = name, count = count }) }
  end
  -- Time that has passed counts by the old hours: only the future changes.
  clock.settle_all(s)
  redis.call('DEL', s.root .. 'policy')
  redis.call('HSET', s.root .. 'policy', 'number', int(number + 1), 'hash', hash)
  for field, value in pairs(fields) do redis.call('HSET', s.root .. 'policy', field, value) end
  s.fields, s.queues, s.clocks = {}, {}, {}
  clock.settle_all(s)
  -- Every item is looked at again by the ladder, a few a call.
  for _, queue in ipairs(policy.queue_names(s)) do ladder.look_again(s, queue) end
  log.add(s, 'policy', nil, { policy = number + 1 })
  return { 'ok', section('policy', { number = number + 1 }) }
end)

-- rb1_policy_get(now) -> ok policy
reader('rb1_policy_get', function(s)
  return { 'ok', section('policy', {
    number = num(policy.field(s, 'number'), 0), hash = policy.field(s, 'hash') or '' }) }
end)
