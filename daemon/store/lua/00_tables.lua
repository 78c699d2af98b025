-- 00_tables.lua -- the tables of the library, one a file, named first so that
-- no file depends on the order of the others; what is local to another file is
-- not seen outside of it.  State lives in Redis only: a table here holds
-- functions, never data that a call would change.
--
-- Conventions.  KEYS[1] is "rb:{site}"; every other key is derived from it.
-- The first argument is the context, see site.open.  A function reads and checks
-- all before it writes.  It answers a flat array: a word, then sections, each
-- {name, field, value, field, value, ...}.

local site, policy, calendar, clock = {}, {}, {}, {}
local class, ladder, item, order = {}, {}, {}, {}
local customer, person, privacy = {}, {}, {}
local hold, undo, agent, waiter = {}, {}, {}, {}
local log, history, tally, alert, card, view = {}, {}, {}, {}, {}, {}
local recovery, foreign, calls, dial = {}, {}, {}, {}
local source, usual = {}, {}

-- A field of a hash is a string or false: this is the only reader of numbers.
local function num(value, otherwise)
  if value == nil or value == false or value == '' then return otherwise end
  return tonumber(value) or otherwise
end

-- Numbers over 10^14 lose digits in tostring and '..'.
local function int(n) return string.format('%.0f', n) end

local function has(value) return value ~= nil and value ~= false and value ~= '' end

-- "a,b,c" -> {"a","b","c"}; '' -> {}
local function split(text, separator)
  local list = {}
  for word in string.gmatch(text or '', '[^' .. (separator or ',') .. ']+') do
    list[#list + 1] = word
  end
  return list
end

-- Pairs from the arguments, from position first on: {name = value}.
local function pairs_from(args, first)
  local fields = {}
  for i = first, #args - 1, 2 do fields[args[i]] = args[i + 1] end
  return fields
end

-- A section of the answer; numbers become exact strings, nil and '' are left out.
local function section(name, fields)
  local flat = { name }
  for field, value in pairs(fields) do
    if has(value) then
      if type(value) == 'number' then
        value = value == math.floor(value) and int(value) or string.format('%.17g', value)
      end
      flat[#flat + 1] = field
      flat[#flat + 1] = tostring(value)
    end
  end
  return flat
end

local function register(name, flags, callback)
  redis.register_function{ function_name = name, flags = flags, callback = callback }
end

-- What a writer did can be told again after a failover: see recovery.lua.
local acts = {}

local function register_act(name, flags, callback)
  acts[name] = callback
  register(name, flags, function(keys, args)
    local s = site.open(keys, args)
    foreign.refuse(s)
    if not site.begin(s) then return { 'recovering' } end
    local answer = callback(s, args)
    if has(s.epoch) then answer[#answer + 1] = recovery.fact(s) end
    return answer
  end)
end

-- writer: moves the site's own clock.
local function writer(name, callback) register_act(name, {}, callback) end

-- finisher: a writer that runs in a full Redis too, or it could never drain.
local function finisher(name, callback) register_act(name, { 'allow-oom' }, callback) end

-- recoverer: goes on while the site recovers; it is no act that could be lost.
local function recoverer(name, callback)
  register(name, { 'allow-oom' }, function(keys, args) return callback(site.open(keys, args), args) end)
end

-- reader: runs on a replica and in a full Redis.
local function reader(name, callback)
  register(name, { 'no-writes' }, function(keys, args) return callback(site.open(keys, args), args) end)
end
