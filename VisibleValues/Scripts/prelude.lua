-- Comes before each script.

-- Whether what was written under a generation is believed by somebody who knows of another: it is
-- if it is of the same run of Redis and of no older epoch, as processes hear of a new epoch one after the other.
local function believed(theirs, mine)
  if not theirs or theirs == mine then return theirs end
  local epoch, run = string.match(mine, '^(%d+):(.*)$')
  local their_epoch, their_run = string.match(theirs, '^(%d+):(.*)$')
  return their_run == run and tonumber(their_epoch) > tonumber(epoch) and theirs
end

-- Whether an envelope is at or below its producer's watermark: then a flush brought it, or will bring it with another.
local function contained(watermarks, producer, sequence)
  local _, stop = string.find(watermarks, producer .. '=', 1, true)
  return stop and tonumber(string.match(watermarks, '^%d+', stop + 1)) >= tonumber(sequence)
end

