-- A flush has committed: the slot takes the database's value with the watermarks it contains, and the envelopes that are
-- in it are pending no more. A newer slot stays.
-- ARGV: generation, partition, value, version, the slot's version before this flush, watermarks, seconds to live,
-- seconds to live if not loaded, then the field of each envelope
-- Answer: whether the counter is loaded, how its value moved, envelopes that were not pending, whether Redis had missed
-- something, so that the counter must be loaded anew
local key = KEYS[1]
local slot = 's' .. ARGV[2]
local seen = redis.call('HMGET', key, 'g', slot)
local loaded = seen[1]
local value, version = 0, 0
if seen[2] then
  value, version = string.match(seen[2], '^(-?%d+):(%d+)$')
  value, version = tonumber(value), tonumber(version)
end

local newer = tonumber(ARGV[4]) > version
local missed = loaded and (not believed(loaded, ARGV[1]) or (newer and version ~= tonumber(ARGV[5])))
if missed then
  redis.call('UNLINK', key, KEYS[2])
  loaded, newer = false, true
end

local change, late = 0, 0
for first = 9, #ARGV, 500 do
  local last = math.min(first + 499, #ARGV)
  local pending = redis.call('HMGET', key, unpack(ARGV, first, last))
  local done = {}
  for i = 1, #pending do
    if pending[i] then
      change = change - tonumber(pending[i])
      done[#done + 1] = ARGV[first + i - 1]
    else
      late = late + 1
    end
  end
  if #done > 0 then redis.call('HDEL', key, unpack(done)) end
end

if newer then
  change = change + tonumber(ARGV[3]) - value
  redis.call('HSET', key, slot, ARGV[3] .. ':' .. ARGV[4], 'w' .. ARGV[2], ARGV[6])
end

if not loaded then
  redis.call('DEL', KEYS[2])
else
  if change ~= 0 then redis.call('HINCRBY', key, 't', string.format('%.0f', change)) end
  if change ~= 0 or redis.call('EXPIRE', KEYS[2], ARGV[7]) == 0 then show(loaded, redis.call('HGET', key, 't'), ARGV[7]) end
end
redis.call('EXPIRE', key, loaded and ARGV[7] or ARGV[8])
return { loaded and 1 or 0, string.format('%.0f', change), late, missed and 1 or 0 }
