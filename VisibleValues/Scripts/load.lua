-- The slots as the database has them are merged in: of each slot the newer version stays.
-- ARGV: seconds to live, then of each slot: partition, value, version
local key = KEYS[1]
local change = 0
for i = 2, #ARGV, 3 do
  local slot = redis.call('HGET', key, 's' .. ARGV[i])
  local value, version = 0, 0
  if slot then
    value, version = string.match(slot, '^(-?%d+):(%d+)$')
    value, version = tonumber(value), tonumber(version)
  end
  if tonumber(ARGV[i + 2]) > version then
    change = change + tonumber(ARGV[i + 1]) - value
    redis.call('HSET', key, 's' .. ARGV[i], ARGV[i + 1] .. ':' .. ARGV[i + 2])
  end
end
redis.call('HSET', key, 'l', '1')
local total = redis.call('HINCRBY', key, 't', string.format('%.0f', change))
redis.call('EXPIRE', key, ARGV[1])
return total
