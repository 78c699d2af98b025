-- log.lua -- one entry a transition: the audit trail, the supervisors' live
-- view, the source of alerts and reports.  It refers and does not tell: ids,
-- type, queue, tier, agent, outcome; never a name, a number or a text.

-- add: of an item (or nil), with more fields.  Who did it is the agent or, where
-- that is another or none, by; origin: where he came from.
function log.add(s, what, it, more)
  local fields = { type = what, at = s.now }
  if it then
    fields.number, fields.uuid, fields.queue, fields.tier = it.number, it.uuid, it.queue, it.tier
    fields.kind, fields.state, fields.from, fields.reason = it.kind, it.state, it.from, it.reason
    fields.promise, fields.alerted, fields.late_ms = it.promise, it.alerted, it.late_by
    if it.target ~= '' then fields.used = math.floor(item.share(s, it) * 100) end
    if it.state == states.SCHEDULED then fields.due, fields.why = it.due, it.why end
  end
  fields.origin, fields.by = s.from, s.by
  for field, value in pairs(more) do fields[field] = value end
  if fields.by == fields.agent then fields.by = nil end
  local flat = section('', fields)
  redis.call('XADD', s.root .. 'log', '*', unpack(flat, 2))
end

-- last_id: the greatest that was ever given, also of an entry that is gone.
function log.last_id(s)
  if redis.call('EXISTS', s.root .. 'log') == 0 then return '0-0' end
  local info = redis.call('XINFO', 'STREAM', s.root .. 'log')
  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' then return info[i + 1] end
  end
end

-- skip: no id up to this one is given any more.
function log.skip(s, id)
  redis.call('XADD', s.root .. 'log', id, 'type', 'skipped')
  redis.call('XDEL', s.root .. 'log', id)
end

-- trim: at the retention, but never beyond what a consumer has not yet read.
-- Whole nodes first, a few hundred entries a call; the rest is within one.
function log.trim(s)
  local keep = s.now - policy.ms(s, 'log_keep_ms', 30 * 86400000)
  local cursor = redis.call('HGET', s.root .. 'cursors', 'alerts')
  local read_to = has(cursor) and cursor or '0'
  local least = tonumber(string.match(read_to, '^%d+')) <= keep and read_to or int(math.max(0, keep))
  local gone = redis.call('XTRIM', s.root .. 'log', 'MINID', '~', least, 'LIMIT', 200)
  if gone == 0 then redis.call('XTRIM', s.root .. 'log', 'MINID', '=', least) end
end
