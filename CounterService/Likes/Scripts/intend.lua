-- A change of a pair is about to be published. Its version is issued, and until it is settled the pair counts as in
-- flight: a crash in between leaves it so, and nobody takes the old state for the truth.
-- ARGV: post, state wanted (1 or 0), the version at least, seconds to live, the run of Redis
-- Answer: whether there is anything to do, the version, the state before: 1, 0, L or U (in flight to 1 or 0), or none
-- There always is: a state that is settled here may have been changed since by a process that could not tell this Redis,
-- so that nobody may take a repeat for one.
local key = KEYS[1]
local seen = redis.call('HMGET', key, 'g', ARGV[1])
local known = seen[2]
if seen[1] ~= ARGV[5] then
  -- Another run of Redis wrote it, and this one may have got an older state of it back.
  redis.call('DEL', key)
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
return { 1, version, state }
