-- A change of a pair is about to be published. Its version is issued, and until it is settled the pair counts as in
-- flight: a crash in between leaves it so, and nobody takes the old state for the truth.
-- ARGV: post, state wanted (1 or 0), the version at least, seconds to live
-- Answer: whether there is anything to do, the version, the state before: 1, 0, L or U (in flight to 1 or 0), or none
local known = redis.call('HGET', KEYS[1], ARGV[1])
local version, state = ARGV[3], ''
if known then
  local before
  before, state = string.match(known, '^(%d+):(.)$')
  if state == ARGV[2] then return { 0, before, state } end
  if tonumber(before) >= tonumber(version) then version = string.format('%.0f', tonumber(before) + 1) end
end
redis.call('HSET', KEYS[1], ARGV[1], version .. ':' .. (ARGV[2] == '1' and 'L' or 'U'))
redis.call('EXPIRE', KEYS[1], ARGV[4])
return { 1, version, state }
