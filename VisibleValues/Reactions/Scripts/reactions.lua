-- Comes before each script on the reactions of a user.

-- The most fields that are kept when the generation changes: all that can be filled in, and some.
local most_kept = 12000
-- As what a durable state is remembered of which a newer one may be missing.
local past = { ['1'] = 'p', ['0'] = 'n', p = 'p', n = 'n', l = 'p', u = 'n' }

local function set(key, fields)
  for first = 1, #fields, 512 do
    redis.call('HSET', key, unpack(fields, first, math.min(first + 511, #fields)))
  end
end

-- The hash is of another generation. What is settled in it is durable and stays, as of the past: somebody may have changed it
-- since, of whom this Redis did not hear. What else is in flight goes, and what the hash said of pairs that are not in it.
local function renew(key, generation)
  local all = redis.call('HLEN', key) <= most_kept and redis.call('HGETALL', key) or {}
  local kept = { 'g', generation }
  for i = 1, #all, 2 do
    local version, state = string.match(all[i + 1], '^(%d+):([01pnlu])$')
    if version and string.find(all[i], '^%d') then
      kept[#kept + 1] = all[i]
      kept[#kept + 1] = version .. ':' .. past[state]
    end
  end
  redis.call('UNLINK', key)
  set(key, kept)
end
