-- A change of a pair is about to be published. Its version is issued, and until it is settled the pair counts as in
-- flight: a crash in between leaves it so, and nobody takes the old state for the truth. A repeat is published too: a state
-- that is settled here may have been changed since by a process that could not tell this Redis.
-- ARGV: post, state wanted (1 or 0), the version at least, seconds to live, the generation
-- Answer: the version, and the state before: 1, 0, L or U (in flight to 1 or 0), l or u (the same, and it was so before), p or n
-- (1 or 0 in the past), or none
local key = KEYS[1]
local seen = redis.call('HMGET', key, 'g', ARGV[1])
if not believed(seen[1], ARGV[5]) then
  renew(key, ARGV[5])
  seen = redis.call('HMGET', key, 'g', ARGV[1])
end
local version, state = ARGV[3], ''
if seen[2] then
  local before
  before, state = string.match(seen[2], '^(%d+):(.)$')
  if tonumber(before) >= tonumber(version) then version = string.format('%.0f', tonumber(before) + 1) end
end

-- A repeat: whether or not it gets through, that is the state.
local wanted = ARGV[2] == '1' and 'l' or 'u'
local isRepeat = state == ARGV[2] or state == wanted
redis.call('HSET', key, ARGV[1], version .. ':' .. (isRepeat and wanted or string.upper(wanted)))
redis.call('EXPIRE', key, ARGV[4])
return { version, state }
