-- A change of a pair is about to be published. Its version is issued, and until it is settled the pair counts as in
-- flight: a crash in between leaves it so, and nobody takes the old state for the truth. A repeat is published too: a state
-- that is settled here may have been changed since by a process that could not tell this Redis.
-- ARGV: post, state wanted (1 or 0), the version at least, seconds to live, the generation
-- Answer: the version, and the state before: 1, 0, L or U (in flight to 1 or 0), or none
local key = KEYS[1]
local seen = redis.call('HMGET', key, 'g', ARGV[1])
local known = seen[2]
if not believed(seen[1], ARGV[5]) then
  -- It is of another generation: older, or of a Redis that got an older state of it back.
  redis.call('UNLINK', key)
  redis.call('HSET', key, 'g', ARGV[5])
  known = false
end
local version, state = ARGV[3], ''
if known then
  local before
  before, state = string.match(known, '^(%d+):(.)$')
  if tonumber(before) >= tonumber(version) then version = string.format('%.0f', tonumber(before) + 1) end
end
redis.call('HSET', key, ARGV[1], version .. ':' .. (ARGV[2] == '1' and 'L' or 'U'))
redis.call('EXPIRE', key, ARGV[4])
return { version, state }
