-- Comes before each script on a counter, whose keys are its hash and what is shown of it: the generation and the sum in one string, so that one MGET
-- reads many. Where there is one, it says what the hash says. If Redis evicts the hash alone, nothing has changed yet; whoever changes something after that
-- finds no hash, and takes away what is shown.
local function show(generation, value, seconds)
  redis.call('SET', KEYS[2], generation .. '|' .. value, 'EX', seconds)
end

