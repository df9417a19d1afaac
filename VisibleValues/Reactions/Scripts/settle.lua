-- A change of a pair is durable. A newer one stays. If Redis lost the pair meanwhile, it may have lost a newer change with it:
-- then this one is kept as of the past.
-- ARGV: post, state (1 or 0), version, seconds to live, the generation
local seen = redis.call('HMGET', KEYS[1], 'g', ARGV[1])
local version, state
if seen[2] then
  version, state = string.match(seen[2], '^(%d+):(.)$')
  if tonumber(version) > tonumber(ARGV[3]) then return 0 end
end
local isKnown = believed(seen[1], ARGV[5]) and state and state ~= 'p' and state ~= 'n'
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3] .. ':' .. (isKnown and ARGV[2] or past[ARGV[2]]))
redis.call('EXPIRE', KEYS[1], ARGV[4])
return 1
