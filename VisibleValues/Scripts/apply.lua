-- A confirmed envelope becomes visible, before any flush has seen it.
-- ARGV: generation, field of the envelope, field of its partition's watermarks, producer, sequence, amount,
-- seconds a counter lives that is not loaded, the most fields of one, seconds to live if loaded
-- Answer: the value with it; false where the counter is not loaded
local key = KEYS[1]
local seen = redis.call('HMGET', key, 'g', ARGV[3])
local loaded, watermarks = seen[1], seen[2]
if loaded and not believed(loaded, ARGV[1]) then
  redis.call('UNLINK', key, KEYS[2])
  loaded, watermarks = false, false
end

-- A flush that contains it came first: the slot has it already.
if watermarks and contained(watermarks, ARGV[4], ARGV[5]) then return loaded and redis.call('HGET', key, 't') end

if loaded then
  local isNew = redis.call('HSETNX', key, ARGV[2], ARGV[6]) == 1
  if isNew then
    redis.call('HINCRBY', key, 't', ARGV[6])
    redis.call('EXPIRE', key, ARGV[9])
  end
  local value = redis.call('HGET', key, 't')
  if isNew then show(loaded, value, ARGV[9]) end
  return value
end

redis.call('DEL', KEYS[2])
if redis.call('HLEN', key) < tonumber(ARGV[8]) then redis.call('HSETNX', key, ARGV[2], ARGV[6]) end
redis.call('EXPIRE', key, ARGV[7])
return false
