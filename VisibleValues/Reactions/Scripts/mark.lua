-- Somebody wants to know of a user's pairs that are not here that they are not liked. What they read in the database may only
-- be filled in while this mark is here: if Redis loses the hash meanwhile, it may have lost word of a newer like.
-- ARGV: the generation, a new mark, seconds to live
local key = KEYS[1]
local seen = redis.call('HMGET', key, 'g', 'c', 'f')
if not believed(seen[1], ARGV[1]) then
  renew(key, ARGV[1])
  redis.call('EXPIRE', key, ARGV[3])
elseif seen[2] or seen[3] then
  return 0
end
redis.call('HSET', key, 'f', ARGV[2])
return 1
