-- A flush has committed: the slot takes the database's value, and the envelopes that are in it are pending no more.
-- ARGV: partition, value, version, the slot's version before this flush, milliseconds now, seconds to live if loaded,
-- seconds to live if not, then of each envelope: its field, and 1 where its apply may still come
local key = KEYS[1]
local slot = 's' .. ARGV[1]
local now = tonumber(ARGV[5])
local change = 0
local late = 0
local forget_after = 60000

local count = (#ARGV - 7) / 2
for first = 1, count, 500 do
  local last = math.min(first + 499, count)
  local fields = {}
  for i = first, last do fields[#fields + 1] = 'p' .. ARGV[6 + 2 * i] end
  local pending = redis.call('HMGET', key, unpack(fields))
  local done = {}
  for i = 1, #fields do
    if pending[i] then
      change = change - tonumber(pending[i])
      done[#done + 1] = fields[i]
    elseif ARGV[7 + 2 * (first + i - 1)] == '1' then
      redis.call('HSET', key, 'x' .. ARGV[6 + 2 * (first + i - 1)], ARGV[5])
      late = late + 1
    end
  end
  if #done > 0 then redis.call('HDEL', key, unpack(done)) end
end

local value, version = 0, 0
local current = redis.call('HGET', key, slot)
if current then
  value, version = string.match(current, '^(-?%d+):(%d+)$')
  value, version = tonumber(value), tonumber(version)
end

local dropped = 0
if tonumber(ARGV[3]) > version then
  if version ~= tonumber(ARGV[4]) then
    -- Redis has missed a flush of this slot. What else of the partition is pending may be in the value already; if it is
    -- not, the next flush brings it.
    local prefix = 'p' .. ARGV[1] .. ':'
    local all = redis.call('HGETALL', key)
    for i = 1, #all, 2 do
      if string.sub(all[i], 1, #prefix) == prefix then
        change = change - tonumber(all[i + 1])
        redis.call('HDEL', key, all[i])
        dropped = dropped + 1
      end
    end
  end
  change = change + tonumber(ARGV[2]) - value
  redis.call('HSET', key, slot, ARGV[2] .. ':' .. ARGV[3])
end
if change ~= 0 then redis.call('HINCRBY', key, 't', string.format('%.0f', change)) end

if late > 0 then
  -- An apply whose process died never comes for its mark. Marks are looked through every 10 s at most.
  local looked = tonumber(redis.call('HGET', key, 'c') or '0')
  if now - looked > 10000 then
    redis.call('HSET', key, 'c', ARGV[5])
    local all = redis.call('HGETALL', key)
    for i = 1, #all, 2 do
      if string.sub(all[i], 1, 1) == 'x' and now - tonumber(all[i + 1]) > forget_after then redis.call('HDEL', key, all[i]) end
    end
  end
end

local loaded = redis.call('HGET', key, 'l')
redis.call('EXPIRE', key, loaded and ARGV[6] or ARGV[7])
return { loaded and 1 or 0, string.format('%.0f', change), late, dropped }
