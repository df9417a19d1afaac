-- A pair as the database has it, for a hash that may have lost it while it says, or is about to say, that it has all of them. As
-- of the past, as this may come late: a newer one may be in the database by now, and have been left out of the hash.
-- ARGV: post, state (1 or 0), version
local seen = redis.call('HMGET', KEYS[1], 'c', 'f', ARGV[1])
if not seen[1] and not seen[2] then return 0 end
if seen[3] then
  local version, state = string.match(seen[3], '^(%d+):(.)$')
  local more = tonumber(version) - tonumber(ARGV[3])
  if more > 0 or (more == 0 and past[state]) then return 0 end
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3] .. ':' .. past[ARGV[2]])
return 1
