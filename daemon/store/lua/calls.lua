-- calls.lua -- what was told of one call of a telephone system, whoever told it
-- and in whatever order: a call in which somebody talked with the caller was not
-- missed.  Known by source and the source's own id, veiled; kept as long as
-- receipts are.

local function key(s, e) return s.root .. 'call:' .. redis.sha1hex(e.source .. '|' .. e.call) end

local function keep(s, e, ...)
  redis.call('HSET', key(s, e), ...)
  redis.call('PEXPIRE', key(s, e), int(policy.receipt_ms(s)))
end

local function field(s, e, name) return has(e.call) and num(redis.call('HGET', key(s, e), name), nil) or nil end

-- talked_at: when somebody began to talk with the caller of this call, or nil.
function calls.talked_at(s, e) return field(s, e, 'talked_at') end

-- talked: somebody talks, or talked, since then.
function calls.talked(s, e, at)
  if not has(e.call) then return end
  keep(s, e, 'talked_at', int(math.min(at, calls.talked_at(s, e) or at)))
end

-- lasted: for how long they talked was told; the end of the call adds nothing.
function calls.lasted(s, e)
  if has(e.call) then keep(s, e, 'lasted', '1') end
end

function calls.has_lasted(s, e) return field(s, e, 'lasted') ~= nil end

-- missed: this call made the item, or became a part of it.
function calls.missed(s, e, it, made)
  if has(e.call) then keep(s, e, 'number', int(it.number), 'made', made and '1' or '0') end
end

-- missed_as: the number of the item that this call became a part of, or nil.
function calls.missed_as(s, e) return field(s, e, 'number') end

-- only_of: it stands for this call alone.
function calls.only_of(s, e, it)
  return it.calls == 1 and it.kind == 'call-back' and field(s, e, 'number') == it.number and field(s, e, 'made') == 1
end
